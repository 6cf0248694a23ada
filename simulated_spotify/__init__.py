"""A simulated Spotify: accounts service, Web API and exports, generated from a seed and a clock.

All data is a pure function of (seed, clock). Every response has the header `X-Simulated: true`.

music        generates artists, albums and tracks
listening    defines the listeners and generates their plays up to the clock
accounts     the accounts service: consent and tokens
web_api      the Web API
control      the fault plan and the pages that Spotify does not have
app          serves all of this over HTTP; `server` has the objects that every request needs
exports      writes the plays as Spotify's export files
truth        counts the plays

`exports` and `truth` run in environments without Flask, so neither they nor what they import may import it.
"""
