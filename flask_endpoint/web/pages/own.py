"""What a signed-in listener does with their own data, by the forms on the start page: disconnect, and delete everything."""

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from flask_endpoint.errors import BadInput, NotSignedIn
from flask_endpoint.reconciliation.forget import disconnect
from flask_endpoint.web.api.privacy import delete_everything
from flask_endpoint.web.security import endpoint, signed_in

blueprint = APIBlueprint("own", __name__, enable_openapi=False)


@blueprint.post("/own/disconnect")
def end_connection() -> ResponseReturnValue:
    """Forget the tokens; what was received stays."""
    with endpoint().pool.connection() as connection:
        disconnect(connection, _signed_in())
    flash("Spotify is disconnected: nothing more is asked there. What was received is still here.", "good")
    return redirect(url_for("home.home"), code=303)


@blueprint.post("/own/delete")
def delete() -> ResponseReturnValue:
    """Delete everything, once the listener has written their own name."""
    listener_id = _signed_in()
    if request.form.get("confirmation", "").strip() != listener_id:
        raise BadInput(f"Nothing was deleted: write {listener_id} into the field to delete everything.")
    rows = delete_everything(listener_id)
    return render_template("deleted.html", listener_id=listener_id, rows=rows)


def _signed_in() -> str:
    listener_id = signed_in()
    if listener_id is None:
        raise NotSignedIn("Nobody is signed in here: connect Spotify on the start page first.")
    return listener_id
