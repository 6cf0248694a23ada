"""What the simulator's operator may change while it runs: the plan of faults (`faults` describes it)."""

from flask import Blueprint, request
from pydantic import ValidationError

from simulated_spotify.faults import Plan
from simulated_spotify.server import server

Answer = dict[str, object]
operator = Blueprint("operator", __name__)


@operator.get("/faults")
def planned() -> Answer:
    return server().faults.plan.model_dump()


@operator.put("/faults")
def plan() -> Answer | tuple[Answer, int]:
    """Replace the plan as a whole. JSON only, which no page of another site can send."""
    try:
        server().faults.plan = Plan.model_validate(request.get_json(silent=True))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the plan"
        return {"error": {"status": 400, "message": f"{where}: {first['msg']}. See simulated_spotify/faults.py."}}, 400
    return planned()


@operator.delete("/faults")
def all_well() -> Answer:
    server().faults.plan = Plan()
    return planned()
