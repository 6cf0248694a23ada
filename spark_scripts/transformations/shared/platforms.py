"""What kind of device Spotify's name of a platform means: 'Android OS 13 API 33 (...)' is a mobile one."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

# Words as they occur once trimmed and in lower case. The first line that fits decides; none is `other`.
NO_NAME = ("", "unknown", "not_applicable")
WEB = ("web_player", "webplayer")
TELEVISION = ("android_tv", "android tv")
MOBILE = ("android", "ios", "iphone", "ipad", "ipod", "windows phone")
DESKTOP = ("windows", "os x", "osx", "mac", "linux", "chromeos", "chrome os")


def platform_kind(platform: str) -> Column:
    """unknown, web, mobile, desktop or other."""
    name = F.lower(F.trim(platform))
    return (
        F.when(name.isNull() | name.isin(*NO_NAME), "unknown")
        .when(_any(name.contains, WEB), "web")
        .when(_any(name.startswith, TELEVISION), "other")
        .when(_any(name.startswith, MOBILE), "mobile")
        .when(_any(name.startswith, DESKTOP), "desktop")
        .otherwise("other")
    )


def _any(holds: Callable[[str], Column], words: Sequence[str]) -> Column:
    return reduce(or_, map(holds, words))
