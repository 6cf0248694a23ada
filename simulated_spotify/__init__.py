"""A simulated Spotify: accounts service, Web API and exports, made up from a seed and a clock.

Everything it answers is a pure function of (seed, clock): `catalog` makes up the music, `listeners` and `taste` the
people, `day` what one of them plays on one day, `history` cuts days at the clock. `app` serves it over HTTP, `exports`
writes it as Spotify's own export files, `truth` counts it. It says of itself, on every answer, that it is simulated.
"""
