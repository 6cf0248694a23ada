"""Classify Spotify's platform names by kind of device: 'Android OS 13 API 33 (...)' is mobile."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

# Compared with the name in lower case, without surrounding spaces. The first match of `platform_kind` decides.
UNKNOWN_NAMES = ("", "unknown", "not_applicable")
WEB = ("web_player", "webplayer")
TELEVISION = ("android_tv", "android tv")
MOBILE = ("android", "ios", "iphone", "ipad", "ipod", "windows phone")
DESKTOP = ("windows", "os x", "osx", "mac", "linux", "chromeos", "chrome os")


def platform_kind(platform: str) -> Column:
    """Return the kind of device of a platform column: unknown, web, mobile, desktop or other."""
    name = F.lower(F.trim(platform))
    return (
        F.when(name.isNull() | name.isin(*UNKNOWN_NAMES), "unknown")
        .when(_any(name.contains, WEB), "web")
        .when(_any(name.startswith, TELEVISION), "other")
        .when(_any(name.startswith, MOBILE), "mobile")
        .when(_any(name.startswith, DESKTOP), "desktop")
        .otherwise("other")
    )


def _any(condition: Callable[[str], Column], words: Sequence[str]) -> Column:
    return reduce(or_, map(condition, words))
