// The comparison: a measure's numbers are loaded when it is chosen. Numbers of another unit, statistic, class or length of
// period are never in one table or chart; limits and approximations keep their sign, and their ranks are said to be open.
(function () {
  "use strict";
  var lvzhi = window.lvzhi;
  var SLUG = 0, FIRST = 1, LAST = 2, STATISTIC = 3, CATEGORY = 4, UNIT = 5, VALUE = 6, BOUND = 7, AGREE = 8, REPORT = 9, FIGURE = 10;
  var MOST = 6, STEP = 50;
  function by(id) { return document.getElementById(id); }
  var measure = by("measure"), kind = by("kind"), year = by("year"), exact = by("exact");
  var held = {}, waiting = {}, state = { m: measure.dataset.chosen, k: "", y: "", c: [] }, listed = STEP;

  lvzhi.measured = function (part) { held[part[0]] = part[1]; };
  function load(code) {
    if (!waiting[code]) {
      waiting[code] = new Promise(function (resolve, reject) {
        var script = lvzhi.element("script", { src: "compare/" + code + ".js" });
        script.onload = resolve; script.onerror = reject;
        document.head.append(script);
      });
    }
    return waiting[code];
  }
  function name(slug) { return (lvzhi.committees[slug] || [slug])[0]; }
  function kindOf(row) { return [row[STATISTIC], row[UNIT], row[LAST] - row[FIRST] + 1, row[CATEGORY]].join("|"); }
  function kindTold(key) {
    var parts = key.split("|");
    var told = [lvzhi.say("statistic." + parts[0])];
    if (parts[1]) told.push(parts[1]);
    told.push(lvzhi.say(parts[2] === "1" ? "compare.one_year" : "compare.years", { n: parts[2] }));
    if (parts[3]) told.push("“" + parts.slice(3).join("|") + "”");
    return told.join(" · ");
  }
  function periodOf(row) { return row[FIRST] === row[LAST] ? String(row[LAST]) : row[FIRST] + "–" + row[LAST]; }
  function option(value, text) { return lvzhi.element("option", { value: value }, [text]); }
  function counted(rows, key) {
    var counts = new Map();
    rows.forEach(function (row) { counts.set(key(row), (counts.get(key(row)) || 0) + 1); });
    return counts;
  }

  function read() {
    var asked = new URLSearchParams(location.hash.slice(1));
    var valid = Array.from(measure.options).some(function (entry) { return entry.value === asked.get("m"); });
    if (valid) state.m = asked.get("m");
    state.k = asked.get("k") || "";
    state.y = asked.get("y") || "";
    state.c = (asked.get("c") || "").split(",").filter(function (slug) { return lvzhi.committees[slug]; }).slice(0, MOST);
  }
  function write() {
    var asked = new URLSearchParams({ m: state.m, k: state.k, y: state.y, c: state.c.join(",") });
    history.replaceState(null, "", "#" + asked);
  }

  async function update() {
    await load(state.m);
    var rows = held[state.m];
    var kinds = counted(rows, kindOf);
    var order = Array.from(kinds.keys()).sort(function (a, b) {
      var classes = (a.split("|")[3] ? 1 : 0) - (b.split("|")[3] ? 1 : 0);
      return classes || kinds.get(b) - kinds.get(a) || (a < b ? -1 : 1);
    });
    if (!kinds.has(state.k)) state.k = order[0];
    measure.value = state.m;
    kind.replaceChildren.apply(kind, order.map(function (key) { return option(key, kindTold(key) + " (" + kinds.get(key) + ")"); }));
    kind.value = state.k;
    var like = rows.filter(function (row) { return kindOf(row) === state.k && (!exact.checked || row[BOUND] === "exact"); });
    var apart = rows.length - kinds.get(state.k);
    by("apart").replaceChildren(apart ? lvzhi.both("compare.apart", { n: apart }) : lvzhi.both("compare.all_alike"));
    var years = counted(like, periodOf);
    var periods = Array.from(years.keys()).sort().reverse();
    if (!years.has(state.y)) {
      state.y = periods.reduce(function (best, period) { return years.get(period) > (years.get(best) || 0) ? period : best; }, periods[0] || "");
    }
    year.replaceChildren.apply(year, periods.map(function (period) { return option(period, period + " (" + years.get(period) + ")"); }));
    year.value = state.y;
    if (!state.c.length) {
      var most = counted(like, function (row) { return row[SLUG]; });
      state.c = Array.from(most.keys()).sort(function (a, b) { return most.get(b) - most.get(a) || (a < b ? -1 : 1); }).slice(0, 4);
    }
    write();
    ranks(like.filter(function (row) { return periodOf(row) === state.y; }));
    trend(like);
    names(like);
  }

  function href(row) { return "reports/" + row[REPORT] + ".html#" + row[FIGURE]; }

  // A link to the numbers that are shown, as CSV with a byte order mark; a text that a spreadsheet would run is quoted.
  var COLUMNS = ["committee", "division", "period_start", "period_end", "measure", "category", "statistic", "value", "unit", "bound", "agree", "report_id", "figure_id"];
  function cell(value) {
    var text = String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function offer(link, rows, what) {
    if (link.href) URL.revokeObjectURL(link.href);
    link.removeAttribute("href");
    link.hidden = !rows.length;
    if (!rows.length) return;
    var lines = rows.map(function (row) {
      return [name(row[SLUG]), row[SLUG], row[FIRST], row[LAST], state.m, row[CATEGORY], row[STATISTIC], row[VALUE], row[UNIT], row[BOUND], row[AGREE] ? "true" : "false", row[REPORT], row[FIGURE]].map(cell).join(",");
    });
    link.href = URL.createObjectURL(new Blob(["\ufeff" + [COLUMNS.join(",")].concat(lines).join("\n") + "\n"], { type: "text/csv;charset=utf-8" }));
    link.download = state.m + "-" + what + ".csv";
  }

  function ranks(rows) {
    rows.sort(function (a, b) { return b[VALUE] - a[VALUE] || (a[SLUG] < b[SLUG] ? -1 : 1); });
    var top = rows.length ? Math.abs(rows[0][VALUE]) || 1 : 1;
    var open = rows.filter(function (row) { return row[BOUND] !== "exact"; }).length;
    by("rank-year").textContent = state.y;
    by("open").replaceChildren();
    if (open) by("open").append(lvzhi.both("compare.open", { n: open }));
    var place = 0, last = null;
    by("ranks").replaceChildren.apply(by("ranks"), rows.slice(0, listed).map(function (row, index) {
      if (row[VALUE] !== last) { place = index + 1; last = row[VALUE]; }
      var inChart = lvzhi.element("input", { type: "checkbox", "aria-label": name(row[SLUG]) });
      inChart.checked = state.c.includes(row[SLUG]);
      inChart.disabled = !inChart.checked && state.c.length >= MOST;
      inChart.addEventListener("change", function () { toggle(row[SLUG]); });
      var bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      bar.setAttribute("class", "bar"); bar.setAttribute("viewBox", "0 0 100 8"); bar.setAttribute("preserveAspectRatio", "none"); bar.setAttribute("aria-hidden", "true");
      var rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("width", String(100 * Math.abs(row[VALUE]) / top)); rect.setAttribute("height", "8");
      rect.setAttribute("class", row[BOUND] === "exact" ? "sure" : "open");
      bar.append(rect);
      return lvzhi.element("tr", {}, [
        lvzhi.element("td", { class: "n" }, [(row[BOUND] === "exact" ? "" : "~") + place]),
        lvzhi.element("th", { scope: "row", lang: "zh-CN" }, [lvzhi.element("a", { href: "committees/" + row[SLUG] + ".html" }, [name(row[SLUG])])]),
        lvzhi.element("td", { class: "n" }, [
          lvzhi.element("a", { href: href(row) }, [lvzhi.sign(row[BOUND]) + lvzhi.amount(row[VALUE], row[UNIT])]), row[AGREE] ? "" : " ≠"]),
        lvzhi.element("td", { class: "bar-cell" }, [bar]),
        lvzhi.element("td", {}, [inChart])
      ]);
    }));
    by("more").hidden = rows.length <= listed;
    offer(by("ranks-csv"), rows, state.y);
  }

  function trend(like) {
    var box = by("trend");
    var single = state.k.split("|")[2] === "1";
    picked();
    var chosen = like.filter(function (row) { return state.c.includes(row[SLUG]); });
    offer(by("trend-csv"), chosen, "chosen");
    if (!single || !chosen.length) {
      if (box.view) box.view.finalize();
      box.view = null;
      box.replaceChildren(lvzhi.element("p", { class: "hint" }, [lvzhi.both(single ? "compare.no_trend" : "compare.no_axis")]));
      return;
    }
    var first = Math.min.apply(null, chosen.map(function (row) { return row[LAST]; }));
    var last = Math.max.apply(null, chosen.map(function (row) { return row[LAST]; }));
    var years = [];
    for (var y = first; y <= last; y += 1) years.push(y);
    var data = {
      unit: state.k.split("|")[1], years: years,
      series: state.c.map(function (slug) {
        return {
          name: [name(slug), name(slug)],
          points: chosen.filter(function (row) { return row[SLUG] === slug; }).map(function (row) {
            return { year: row[LAST], value: row[VALUE], bound: row[BOUND], href: href(row) };
          })
        };
      })
    };
    lvzhi.draw(box, data, lvzhi.say("measure." + state.m), "");
  }

  function picked() {
    by("picked").replaceChildren.apply(by("picked"), state.c.map(function (slug) {
      var chip = lvzhi.element("button", { type: "button", class: "chip", "aria-label": lvzhi.say("compare.remove", { name: name(slug) }) }, [name(slug) + " ×"]);
      chip.addEventListener("click", function () { toggle(slug); });
      return chip;
    }));
  }

  function names(like) {
    var free = state.c.length < MOST;
    by("add-label").hidden = !free;
    var slugs = Array.from(new Set(like.map(function (row) { return row[SLUG]; })));
    by("names").replaceChildren.apply(by("names"), slugs.filter(function (slug) { return !state.c.includes(slug); }).map(function (slug) {
      return lvzhi.element("option", { value: lvzhi.committees[slug].filter(Boolean).join(" · ") + " " + slug }, []);
    }));
  }

  function toggle(slug) {
    var at = state.c.indexOf(slug);
    if (at >= 0) state.c.splice(at, 1); else if (state.c.length < MOST) state.c.push(slug);
    if (state.c.length) update();
    else { write(); picked(); trend([]); }
  }

  // Names of measures in the language of the page.
  function translate() {
    measure.querySelectorAll("optgroup").forEach(function (group) { group.label = lvzhi.say(group.dataset.key); });
    measure.querySelectorAll("option").forEach(function (entry) { entry.textContent = lvzhi.say(entry.dataset.key); });
  }

  by("choose").hidden = false;
  by("choose").addEventListener("submit", function (event) { event.preventDefault(); });
  measure.addEventListener("change", function () { state.m = measure.value; state.k = state.y = ""; listed = STEP; update(); });
  kind.addEventListener("change", function () { state.k = kind.value; state.y = ""; listed = STEP; update(); });
  year.addEventListener("change", function () { state.y = year.value; listed = STEP; update(); });
  exact.addEventListener("change", update);
  by("more").addEventListener("click", function () { listed += STEP; update(); });
  by("add").addEventListener("change", function () {
    var slug = by("add").value.trim().split(" ").pop();
    if (lvzhi.committees[slug] && !state.c.includes(slug)) { by("add").value = ""; toggle(slug); }
  });
  document.addEventListener("lvzhi:changed", function () { translate(); update(); });
  addEventListener("resize", function () { if (held[state.m]) update(); });
  read();
  translate();
  update();
})();
