// Search over all reports: pairs of neighbouring characters lead to reports, in small scripts that are loaded on demand.
(function () {
  "use strict";
  var lvzhi = window.lvzhi;
  var form = document.getElementById("search");
  var query = document.getElementById("query");
  var told = document.getElementById("told");
  var found = document.getElementById("found");
  var all = document.getElementById("all");
  var shards = Number(form.dataset.shards), perPage = Number(form.dataset.perPage);
  var LISTED = 50;
  var loaded = {}, pairs = {}, rows = {};
  var asked = 0;

  lvzhi.pairs = function (part) { pairs[part[0]] = part[1]; };
  lvzhi.rows = function (part) { rows[part[0]] = part[1]; };

  function load(name) {
    if (!loaded[name]) {
      loaded[name] = new Promise(function (resolve, reject) {
        var script = lvzhi.element("script", { src: "../search/" + name + ".js" });
        script.onload = resolve;
        script.onerror = reject;
        document.head.append(script);
      });
    }
    return loaded[name];
  }

  // CRC-32, as the index is made by.
  var table = [];
  for (var n = 0; n < 256; n += 1) {
    var c = n;
    for (var k = 0; k < 8; k += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table.push(c >>> 0);
  }
  function shardOf(pair) {
    var crc = 0xffffffff;
    new TextEncoder().encode(pair).forEach(function (byte) { crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]; });
    return ((crc ^ 0xffffffff) >>> 0) % shards;
  }

  function pairsOf(text) {
    var known = new Set();
    text.toLowerCase().split(/\s+/).forEach(function (word) {
      var letters = Array.from(word);
      for (var i = 0; i + 1 < letters.length; i += 1) known.add(letters[i] + letters[i + 1]);
    });
    return Array.from(known);
  }

  async function search() {
    var turn = (asked += 1);
    var wanted = pairsOf(query.value);
    found.hidden = wanted.length === 0;
    all.hidden = wanted.length > 0;
    if (!wanted.length) { told.replaceChildren(); return; }
    await Promise.all(wanted.map(function (pair) { return load(String(shardOf(pair))); }));
    if (turn !== asked) return;
    var numbers = null;
    wanted.forEach(function (pair) {
      var held = new Set(pairs[shardOf(pair)][pair] || []);
      numbers = numbers === null ? Array.from(held) : numbers.filter(function (number) { return held.has(number); });
    });
    var shown = numbers.slice(0, LISTED);
    var needed = Array.from(new Set(shown.map(function (number) { return Math.floor(number / perPage); })));
    await Promise.all(needed.map(function (part) { return load("rows-" + part); }));
    if (turn !== asked) return;
    var key = !numbers.length ? "listing.none" : numbers.length > LISTED ? "listing.more" : "listing.found";
    told.replaceChildren(lvzhi.both(key, { n: numbers.length, shown: LISTED }));
    found.replaceChildren.apply(found, shown.map(function (number) {
      var row = rows[Math.floor(number / perPage)][number % perPage];
      return lvzhi.element("li", {}, [
        lvzhi.element("a", { href: row[0] + ".html", lang: "zh-CN" }, [row[1]]),
        lvzhi.element("small", {}, [[row[2], row[3]].filter(Boolean).join(" · ") + " · ", lvzhi.both("state." + row[4])])
      ]);
    }));
  }

  form.hidden = false;
  query.addEventListener("input", search);
  form.addEventListener("submit", function (event) { event.preventDefault(); search(); });
})();
