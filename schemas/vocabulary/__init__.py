"""The vocabulary: measures, units, lexicons and places. Data beside this file, validated when loaded.

measures.toml    what can be counted, with the cues that tell it
units.toml       measure words, and qualifiers of a number
lexicons.toml    words by which lines and numerals are recognised
markup.toml      ids, classes and comments that tell the text of a web page from its furniture
script.toml      traditional words that OpenCC's tables make wrong simplified ones of
divisions.csv    places with their GB/T 2260 codes and the years of each (made by make_divisions.py; see SOURCES.md)
short_names.csv  short names of places in use that no rule gives
"""

from schemas.vocabulary.divisions import Division, Divisions, load_divisions
from schemas.vocabulary.lexicons import Lexicons, load_lexicons
from schemas.vocabulary.markup import Markup, load_markup
from schemas.vocabulary.measures import Cue, Measure, load_measures
from schemas.vocabulary.script import load_script, parse_script
from schemas.vocabulary.units import Units, load_units

__all__ = [
    "Cue",
    "Division",
    "Divisions",
    "Lexicons",
    "Markup",
    "Measure",
    "Units",
    "load_divisions",
    "load_lexicons",
    "load_markup",
    "load_measures",
    "load_script",
    "load_units",
    "parse_script",
]
