"""A simulated Spotify: accounts service, Web API and exports, generated from a seed and a clock.

All data is a pure function of (seed, clock). `catalog` generates the music, `listeners` and `taste` define the people,
`day` generates the plays of one listener on one day, and `history` joins the days up to the clock. `app` serves the data
over HTTP, `exports` writes it as Spotify's export files, and `truth` counts it. Every response has the header
`X-Simulated: true`.
"""
