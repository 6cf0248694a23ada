"""The forms on the start page with which a signed-in listener disconnects from Spotify or deletes their data."""

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from flask_endpoint.errors import BadInput, NotSignedIn
from flask_endpoint.reconciliation.forget import disconnect
from flask_endpoint.web.api.privacy import delete_everything
from flask_endpoint.web.security import endpoint, signed_in_listener

blueprint = APIBlueprint("own", __name__, enable_openapi=False)


@blueprint.post("/own/disconnect")
def end_connection() -> ResponseReturnValue:
    """Delete the listener's tokens. Received plays stay."""
    with endpoint().pool.connection() as connection:
        disconnect(connection, _require_sign_in())
    flash("Spotify is disconnected and will not be polled again. Your received plays are still here.", "good")
    return redirect(url_for("home.home"), code=303)


@blueprint.post("/own/delete")
def delete() -> ResponseReturnValue:
    """Delete everything if the listener entered their own name. Raises BadInput."""
    listener_id = _require_sign_in()
    if request.form.get("confirmation", "").strip() != listener_id:
        raise BadInput(f"Nothing was deleted. Enter {listener_id} in the field to delete everything.")
    rows = delete_everything(listener_id)
    return render_template("deleted.html", listener_id=listener_id, rows=rows)


def _require_sign_in() -> str:
    """Return the signed-in listener. Raises NotSignedIn."""
    listener_id = signed_in_listener()
    if listener_id is None:
        raise NotSignedIn("Nobody is signed in. Connect Spotify on the start page first.")
    return listener_id
