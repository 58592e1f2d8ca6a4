"""Fetch: pages of sources on the web, politely, nothing twice, each request in the ledger.

guard      which addresses may be asked, also after their names are resolved
body       bytes of an answer, unpacked within limits
client     one request over HTTP/1.1 or 2, no redirects, no cookies
robots     what robots.txt allows, and its crawl-delay
pace       rate, budget and rest by host
state      what is known of addresses and hosts: validators, tries, what waits to be ingested; survives a kill
fetcher    one address with redirects, tries and a row of the ledger for each request
pages      one chosen page: asked for, kept, tried again, set aside
outcome    what came of the sources of a run
collect    the sources of a run: find links, fetch those that are chosen
"""
