"""Word lists for generated names. Their order determines the generated data: append only, never insert."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words("""
    Mira Tomas Ines Juno Elias Noor Ravi Sigrid Cleo Marlon Priya Otto Lucia Kenji Amara Felix Zora Pablo
    Edith Hugo Selma Ivo Nadia Rufus Olive Dario Yuki Bram Celeste Anton Zo\u00eb Bj\xf8rn In\xe9s Ren\xe9e
    \u0141ucja
""")
FAMILY = _words("""
    Solano Harrow Vance Okafor Lindqvist Marlow Castellan Brandt Ferreira Whitlock Tanaka Rousseau Pike
    Adeyemi Novak Quill Santoro Winters Hale Moreau Kessler Abara Thorne Delgado Ekstrom Rowan Sato Lorne
    Pastor Nu\xf1ez M\xfcller Ibarg\xfcen
""")
COLOURS = _words("""
    Velvet Paper Silver Amber Hollow Crimson Electric Golden Quiet Northern Marble Neon Wooden Lunar Copper
    Glass Indigo Salted Tidal Ivory Static Plastic Feral Cobalt Woollen Distant Gentle Rusted Sunday Midnight
""")
BANDS = _words("""
    Harbour Lanterns Foxes Cartographers Satellites Orchard Parade Engines Tigers Choir Weather Postmen
    Antennas Gardeners Islands Machinery Sparrows Telegraph Cathedral Rivers Bicycles Mirrors Departures
    Wolves
""")
ADJECTIVES = _words("""
    Broken Slow Bright Lonely Little Wild Endless Second Burning Empty Secret Heavy Silent Restless Open Lost
    Sweet Cold Borrowed Perfect Crooked Hidden Sleepless Tender Sudden Honest Faded Simple Strange Early Late
    Warm Blue Green Careless Nameless Painted Patient Hungry Narrow
""")
NOUNS = _words("""
    Morning River Window Engine Garden Letter Winter Highway Shadow Mirror Ocean Signal Station Summer Thunder
    Ghost Harbor Kingdom Matches Needle Orchid Pavement Question Rooftop Sailor Telephone Umbrella Valley
    Whisper Yesterday Animal Bridge Candle Daughter Echo Feather Gravity Horizon Island Jacket Kitchen Ladder
    Mountain Neighbour Ocelot Promise Radio Silence Ticket Voyage Wire Photograph Chapel Diamond Elevator
    Fever Guitar Holiday Ink Juniper Knot Lighthouse Magnet Novel Operator Passport Quarter Rain Season Tower
""")
PLACES = _words("""
    Lisbon Oslo Kyoto Havana Trieste Marfa Cadiz Bergen Naples Tulsa Dakar Riga Porto Leeds Osaka Quito Ghent
    Malmo Tangier Ithaca
""")
VERBS = _words("""
    Hold Carry Follow Forget Paint Chase Leave Trust Borrow Answer Bury Cross Wake Call Burn
""")
TAILS = ("Tonight", "Again", "for You", "(Interlude)", "Pt. 2", "Forever", "on the Radio", "at Night", "Without You")
LABELS = (
    "Lantern Room Records",
    "Low Tide",
    "Attic Tapes",
    "Parallel Sound",
    "Ninth Street Music",
    "Kite & Anchor",
    "Blue Door Recordings",
)
GENRES = (
    ("indie rock", "indie pop"),
    ("synthpop", "dream pop"),
    ("jazz", "vocal jazz"),
    ("hip hop", "jazz rap"),
    ("folk", "singer-songwriter"),
    ("house", "deep house"),
    ("flamenco", "latin alternative"),
    ("city pop", "j-pop"),
    ("ambient",),
    ("soul", "funk"),
    ("metal", "post-metal"),
    ("classical", "modern classical"),
    (),
)
SHOWS = ("Maps Without Edges", "The Slow Newsroom", "Kitchen Physics", "Two Chairs, One Question")
