"""The chart library of the site: Vega, whose script comes bundled with the package vl-convert.

Vega reads its charts by an interpreter in place of made functions, so that it runs under a policy without `unsafe-eval`;
it sets no inline styles. vl-convert has the modules with it: nothing is fetched, whatever the addresses look like.
"""

from __future__ import annotations

from functools import cache

# Module versions that vl-convert 1.9 carries.
INTERPRETER = "2.0.0"
NOTICE = "/*! Vega {version}, https://vega.github.io, BSD-3-Clause, Copyright (c) 2015-2023, University of Washington Interactive Data Lab */\n"
SNIPPET = """\
import {{ View, parse }} from "https://cdn.jsdelivr.net/npm/vega@{version}/+esm";
import {{ expressionInterpreter }} from "https://cdn.jsdelivr.net/npm/vega-interpreter@{interpreter}/+esm";
window.vega = {{ View, parse, expressionInterpreter }};
"""


@cache
def chart_version() -> str:
    """Versions of the modules in the script."""
    import vl_convert

    return f"{vl_convert.get_vega_version()}-{INTERPRETER}"


@cache
def chart_script() -> str:
    """The script, which sets `window.vega`; takes some seconds to make."""
    import vl_convert

    version = vl_convert.get_vega_version()
    script = vl_convert.javascript_bundle(SNIPPET.format(version=version, interpreter=INTERPRETER))
    return NOTICE.format(version=version) + script
