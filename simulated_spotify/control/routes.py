"""The HTTP interface to the fault plan, which an operator can change at run time (see `control.faults`)."""

from flask import Blueprint, request
from pydantic import ValidationError

from simulated_spotify.control.faults import Plan
from simulated_spotify.server import server

Answer = dict[str, object]
operator = Blueprint("operator", __name__)


@operator.get("/faults")
def current_plan() -> Answer:
    return server().faults.plan.model_dump()


@operator.put("/faults")
def replace_plan() -> Answer | tuple[Answer, int]:
    """Replace the whole plan. Accept only JSON, because a page of another site cannot send it."""
    try:
        server().faults.plan = Plan.model_validate(request.get_json(silent=True))
    except RecursionError:
        return {"error": {"status": 400, "message": "The JSON is nested too deeply."}}, 400
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the plan"
        return {
            "error": {"status": 400, "message": f"{where}: {first['msg']}. See simulated_spotify/control/faults.py."}
        }, 400
    return current_plan()


@operator.delete("/faults")
def clear_plan() -> Answer:
    server().faults.plan = Plan()
    return current_plan()
