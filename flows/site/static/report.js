// The page of a report: from a figure to its row and back, its arithmetic lit, search, filters.
(function () {
  "use strict";
  var lvzhi = window.lvzhi;
  var panel = document.getElementById("panel");
  var rows = Array.from(document.querySelectorAll("tr[data-id]"));
  var marks = Array.from(document.querySelectorAll("mark > a"));
  var lines = Array.from(document.querySelectorAll(".lines > li"));
  var checks = Array.from(document.querySelectorAll(".check-list > li"));
  var chosen = null;

  function rowOf(id) { return document.getElementById("r-" + id); }
  function figuresOf(element) { return (element.dataset.figs || "").split(" ").filter(Boolean); }
  function marksOf(id) { return marks.filter(function (mark) { return figuresOf(mark).includes(id); }); }
  function clear(name) {
    document.querySelectorAll("." + name).forEach(function (element) { element.classList.remove(name); });
  }

  function choose(id) {
    var row = rowOf(id);
    if (!row) return false;
    chosen = id;
    clear("chosen");
    clear("lit");
    row.classList.add("chosen");
    marksOf(id).forEach(function (mark) { mark.parentElement.classList.add("chosen"); });
    var own = checks.filter(function (check) { return figuresOf(check).includes(id); });
    own.forEach(function (check) {
      figuresOf(check).forEach(function (other) {
        if (other === id) return;
        if (rowOf(other)) rowOf(other).classList.add("lit");
        marksOf(other).forEach(function (mark) { mark.parentElement.classList.add("lit"); });
      });
    });
    show(row, own);
    var box = row.closest(".scroll");
    if (box.scrollHeight > box.clientHeight) box.scrollTop = row.offsetTop - box.clientHeight / 2;
    if (location.hash !== "#" + id) history.replaceState(null, "", "#" + id);
    return true;
  }

  function fact(list, key, value, wide) {
    if (value === undefined || value === "" || value === null) return;
    list.append(lvzhi.element("div", wide ? { class: "wide" } : {}, [
      lvzhi.element("dt", {}, [lvzhi.both(key)]),
      lvzhi.element("dd", {}, [value])
    ]));
  }

  function show(row, own) {
    var data = row.dataset;
    var facts = lvzhi.element("dl", {});
    fact(facts, "figure.quote", lvzhi.element("q", { lang: "zh-CN" }, [data.quote]));
    fact(facts, "figure.what", lvzhi.element("code", {}, [data.code]));
    fact(facts, "figure.statistic", lvzhi.both("statistic." + data.statistic));
    fact(facts, "figure.bound", lvzhi.both("bound." + data.bound));
    fact(facts, "figure.period", row.querySelector(".period").textContent);
    fact(facts, "figure.whose", lvzhi.both("whose." + data.whose));
    fact(facts, "figure.section", data.section, true);
    fact(facts, "figure.place", lvzhi.both("figure.place_told", { line: data.line, span: data.place }));
    fact(facts, "figure.rule", lvzhi.element("code", {}, [data.rule + " · " + data.confidence]), true);
    fact(facts, "figure.correction", data.correction);
    var title = row.cells[0].querySelector(".amount").cloneNode(true);
    var what = lvzhi.element("span", { class: "what" }, Array.from(row.cells[1].cloneNode(true).childNodes));
    var close = lvzhi.element("button", { type: "button", class: "close" }, [lvzhi.both("figure.close")]);
    close.addEventListener("click", dismiss);
    var link = lvzhi.element("a", { href: "#" + data.id, class: "mono" }, ["#" + data.id]);
    var list = lvzhi.element("ul", { class: "check-list" }, own.map(function (check) {
      var copy = check.cloneNode(true);
      copy.removeAttribute("data-figs");
      return copy;
    }));
    panel.replaceChildren(
      lvzhi.element("div", { class: "panel-head" }, [lvzhi.element("strong", {}, [title]), what, close]),
      own.length ? list : lvzhi.element("p", { class: "hint" }, [lvzhi.both("figure.no_checks")]),
      facts,
      lvzhi.element("p", { class: "hint" }, [link])
    );
    panel.hidden = false;
    panel.className = "panel f-" + data.family;
    document.body.classList.add("with-panel");
  }

  function dismiss() {
    var last = chosen && marksOf(chosen)[0];
    chosen = null;
    panel.hidden = true;
    document.body.classList.remove("with-panel");
    clear("chosen");
    clear("lit");
    if (last) last.focus({ preventScroll: true });
  }

  function into(element) {
    var calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }

  marks.forEach(function (mark) {
    mark.addEventListener("click", function (event) {
      // Of figures in each other a second click takes the next one.
      var ids = figuresOf(mark);
      var next = ids[(ids.indexOf(chosen) + 1) % ids.length];
      if (choose(next)) event.preventDefault();
    });
  });
  rows.forEach(function (row) {
    row.addEventListener("click", function (event) {
      var link = event.target.closest("a");
      if (event.target.closest(".check-list")) return;
      if (choose(row.dataset.id)) {
        var mark = marksOf(row.dataset.id)[0];
        if (mark) {
          into(mark);
          mark.focus({ preventScroll: true });
        }
        if (link) event.preventDefault();
      }
    });
  });
  function arrive() {
    var id = location.hash.slice(1);
    if (!id) return;
    var row = rowOf(id);
    if (row && choose(id)) {
      var mark = marksOf(id)[0];
      into(mark || row);
      if (mark) mark.focus({ preventScroll: true });
    }
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && chosen) dismiss();
  });

  // Search and filters.
  var tools = document.getElementById("tools");
  var find = document.getElementById("find");
  var hits = document.getElementById("hits");
  var families = Array.from(tools.querySelectorAll("[data-family]"));
  var dropped = document.getElementById("dropped");
  var at = -1;
  tools.hidden = false;

  function apply() {
    var words = find.value.trim().toLowerCase();
    var active = families.filter(function (chip) { return chip.getAttribute("aria-pressed") === "true"; })
      .map(function (chip) { return chip.dataset.family; });
    var shown = 0;
    rows.forEach(function (row) {
      var told = (row.textContent + " " + row.dataset.quote + " " + row.dataset.code).toLowerCase();
      var fits = (!active.length || active.includes(row.dataset.family)) && (!words || told.includes(words));
      row.hidden = !fits;
      if (fits) shown += 1;
    });
    marks.forEach(function (mark) {
      var named = figuresOf(mark).some(function (id) {
        var row = rowOf(id);
        return row && (!active.length || active.includes(row.dataset.family));
      });
      mark.parentElement.classList.toggle("off", !named);
    });
    var found = 0;
    lines.forEach(function (line) {
      var hit = !!words && line.textContent.toLowerCase().includes(words);
      line.classList.toggle("hit", hit);
      if (hit) found += 1;
    });
    at = -1;
    hits.textContent = words || active.length ? shown + " / " + rows.length + (words ? " · " + found + " ¶" : "") : "";
  }
  find.addEventListener("input", apply);
  families.forEach(function (chip) {
    chip.addEventListener("click", function () {
      chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
      apply();
    });
  });
  if (dropped) {
    dropped.addEventListener("change", function () {
      document.body.classList.toggle("without-dropped", !dropped.checked);
    });
  }
  // Enter goes from one line that was found to the next.
  tools.addEventListener("submit", function (event) {
    event.preventDefault();
    var found = lines.filter(function (line) { return line.classList.contains("hit"); });
    if (!found.length) return;
    at = (at + 1) % found.length;
    into(found[at]);
  });

  addEventListener("hashchange", arrive);
  arrive();
})();
