"""The site of a release: static pages that open from a disk and from any web server.

texts       what the interface says, in both languages (texts.toml)
chinese     what tables and rules say of themselves, in both languages (chinese.toml)
reading     a release as plain data
changes     what differs from the release before
pages       templates, formats, the security policy
front       what the release holds, and what is new
evidence    a report: its lines, every figure in place
committee   a committee over the years
compare     committees side by side
listing     all reports, paged, with a search that loads little
quality     checks, quarantine, history, differences
dictionary  tables, columns, measures, downloads
charts      the script of the chart library
files       writing what changed
build       all of it together
serve       the site on this machine
"""
