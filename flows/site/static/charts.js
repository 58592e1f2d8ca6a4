// Lines over years, drawn by Vega. A year without a number is a gap in the line; a number that is a limit or an
// approximation has a hollow mark of its own shape. A point leads to its evidence.
(function () {
  "use strict";
  var lvzhi = window.lvzhi;
  var SIGNS = { exact: "", at_least: "≥ ", about: "≈ ", at_most: "≤ " };
  var SHAPES = { exact: "circle", at_least: "triangle-up", about: "diamond", at_most: "triangle-down" };
  var DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3], [4, 2, 1, 2], [1, 2]];
  var COLOURS = ["proposals", "outputs", "activities", "meetings", "members", "opinions"];

  function css(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function colour(index) { return css("--" + COLOURS[index % COLOURS.length] + "-line"); }
  function spoken(pair) { return pair[document.documentElement.dataset.lang === "en" ? 1 : 0]; }
  lvzhi.amount = function (value, unit) {
    var told = value.toLocaleString("en-US", { maximumFractionDigits: 6 });
    return told + (unit === "%" || unit === "‰" ? "" : " ") + unit;
  };
  lvzhi.sign = function (bound) { return SIGNS[bound] || ""; };

  function rows(data) {
    var found = [];
    data.series.forEach(function (series, index) {
      var points = {};
      series.points.forEach(function (point) { points[point.year] = point; });
      data.years.forEach(function (year) {
        var point = points[year];
        found.push({
          series: index, year: year, value: point ? point.value : null, bound: point ? point.bound : "",
          href: point ? point.href : "",
          told: point ? year + " · " + spoken(series.name) + " · " + SIGNS[point.bound] + lvzhi.amount(point.value, data.unit) : ""
        });
      });
    });
    return found;
  }

  function spec(data, width) {
    var soft = css("--soft"), rule = css("--rule"), paper = css("--paper");
    var font = getComputedStyle(document.body).fontFamily;
    var indexes = data.series.map(function (_, index) { return index; });
    var bounds = Object.keys(SHAPES);
    return {
      width: width, height: width > 700 ? 280 : 220, padding: { left: 2, right: 8, top: 8, bottom: 2 },
      autosize: { type: "fit", contains: "padding" },
      config: {
        axis: { labelFont: font, labelColor: soft, labelFontSize: 12, domainColor: soft, tickColor: rule, gridColor: rule, labelPadding: 6 }
      },
      data: [
        { name: "rows", values: rows(data) },
        { name: "points", source: "rows", transform: [{ type: "filter", expr: "isValid(datum.value)" }] }
      ],
      scales: [
        { name: "x", type: "point", domain: data.years, range: "width", padding: 0.4 },
        { name: "y", type: "linear", domain: { data: "points", field: "value" }, range: "height", nice: true, zero: true },
        { name: "colour", type: "ordinal", domain: indexes, range: indexes.map(colour) },
        { name: "dash", type: "ordinal", domain: indexes, range: indexes.map(function (i) { return DASHES[i % DASHES.length]; }) },
        { name: "shape", type: "ordinal", domain: bounds, range: bounds.map(function (bound) { return SHAPES[bound]; }) }
      ],
      axes: [
        { scale: "y", orient: "left", grid: true, domain: false, ticks: false, tickCount: 5, format: ",~f" },
        { scale: "x", orient: "bottom", tickSize: 4, labelOverlap: "parity", format: "" }
      ],
      marks: [
        {
          type: "group", from: { facet: { name: "line", data: "rows", groupby: "series" } },
          marks: [{
            type: "line", from: { data: "line" }, interactive: false,
            encode: { update: {
              x: { scale: "x", field: "year" }, y: { scale: "y", field: "value" },
              defined: { signal: "isValid(datum.value)" },
              stroke: { scale: "colour", field: "series" }, strokeDash: { scale: "dash", field: "series" },
              strokeWidth: { value: 2 }
            } }
          }]
        },
        {
          type: "symbol", from: { data: "points" }, name: "dots",
          encode: { update: {
            x: { scale: "x", field: "year" }, y: { scale: "y", field: "value" },
            shape: { scale: "shape", field: "bound" }, size: { value: 80 },
            stroke: { scale: "colour", field: "series" }, strokeWidth: { value: 2 },
            fill: [{ test: "datum.bound === 'exact'", scale: "colour", field: "series" }, { value: paper }],
            tooltip: { field: "told" }, cursor: { value: "pointer" }
          } }
        }
      ]
    };
  }

  function legend(data) {
    return lvzhi.element("ul", { class: "legend" }, data.series.map(function (series, index) {
      var sample = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      var line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      Object.entries({ width: 28, height: 10, "aria-hidden": "true" }).forEach(function (pair) { sample.setAttribute(pair[0], pair[1]); });
      Object.entries({ x1: 0, x2: 28, y1: 5, y2: 5, "stroke-width": 2.5, stroke: colour(index), "stroke-dasharray": DASHES[index % DASHES.length].join(" ") })
        .forEach(function (pair) { line.setAttribute(pair[0], pair[1]); });
      sample.append(line);
      return lvzhi.element("li", {}, [sample, spoken(series.name)]);
    }));
  }

  // Draw a chart into an element; `base` is the way to the root of the site.
  lvzhi.draw = function (element, data, title, base) {
    var width = Math.max(240, element.clientWidth);
    var box = lvzhi.element("div", {
      class: "canvas", role: "img",
      "aria-label": title + " (" + data.unit + "), " + data.years[0] + "–" + data.years[data.years.length - 1] + ": " + data.series.map(function (s) { return spoken(s.name); }).join(", ")
    });
    if (element.view) element.view.finalize();
    element.replaceChildren(legend(data), box);
    var chart = spec(data, width);
    var view = new window.vega.View(window.vega.parse(chart, null, { ast: true }), {
      expr: window.vega.expressionInterpreter, renderer: "svg", container: box, hover: true
    });
    view.addEventListener("click", function (event, item) {
      if (item && item.datum && item.datum.href) location.href = base + item.datum.href;
    });
    element.view = view;
    return view.runAsync().then(function () {
      // The picture is one for a screen reader: its numbers stand in the table below.
      box.querySelectorAll("svg").forEach(function (svg) { svg.setAttribute("aria-hidden", "true"); svg.setAttribute("focusable", "false"); });
      element.dataset.done = "yes";
    });
  };

  var drawn = Array.from(document.querySelectorAll("[data-chart]"));
  function drawAll() {
    drawn.forEach(function (element) {
      var data = JSON.parse(document.getElementById(element.dataset.chart).textContent);
      lvzhi.draw(element, data, lvzhi.say(element.dataset.title), "../");
    });
  }
  drawAll();
  document.addEventListener("lvzhi:changed", drawAll);
  var width = innerWidth;
  addEventListener("resize", function () {
    if (innerWidth !== width) { width = innerWidth; drawAll(); }
  });
})();
