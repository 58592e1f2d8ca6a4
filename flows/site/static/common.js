// What all pages share: switches for language and colours, and texts for other scripts.
(function () {
  "use strict";
  var root = document.documentElement;
  var lvzhi = (window.lvzhi = window.lvzhi || {});

  function keep(name, value) {
    try { localStorage.setItem("lvzhi." + name, value); } catch (error) { /* the choice holds for this page */ }
  }

  // A text in the language of the page, with values for names in braces.
  lvzhi.say = function (key, values) {
    var pair = (lvzhi.texts || {})[key];
    if (!pair) return key;
    var text = pair[root.dataset.lang === "en" ? 1 : 0];
    return text.replace(/\{(\w+)\}/g, function (all, name) { return values && name in values ? values[name] : all; });
  };
  // A text in both languages, as the templates write it.
  lvzhi.both = function (key, values) {
    var held = document.createDocumentFragment();
    ["zh", "en"].forEach(function (language, index) {
      var pair = (lvzhi.texts || {})[key] || [key, key];
      var span = document.createElement("span");
      span.className = language;
      span.lang = language === "zh" ? "zh-CN" : "en";
      span.textContent = pair[index].replace(/\{(\w+)\}/g, function (all, name) {
        return values && name in values ? values[name] : all;
      });
      held.appendChild(span);
    });
    return held;
  };
  lvzhi.element = function (name, attributes, children) {
    var element = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    (children || []).forEach(function (child) { element.append(child); });
    return element;
  };
  lvzhi.isDark = function () {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  lvzhi.changed = function () { document.dispatchEvent(new CustomEvent("lvzhi:changed")); };

  if (lvzhi.release) {
    document.getElementById("release").append(
      lvzhi.both("foot.release", { number: lvzhi.release[0] }), " · " + lvzhi.release[1] + " UTC");
  }

  var language = document.getElementById("language");
  language.hidden = false;
  language.addEventListener("click", function () {
    root.dataset.lang = root.dataset.lang === "en" ? "zh" : "en";
    root.lang = root.dataset.lang === "en" ? "en" : "zh-CN";
    keep("language", root.dataset.lang);
    lvzhi.changed();
  });

  var theme = document.getElementById("theme");
  var order = ["auto", "light", "dark"];
  function showTheme() {
    theme.replaceChildren(lvzhi.both("theme." + (root.dataset.theme || "auto")));
  }
  theme.hidden = false;
  showTheme();
  theme.addEventListener("click", function () {
    var next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % order.length];
    if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
    keep("theme", next);
    showTheme();
    lvzhi.changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", lvzhi.changed);
})();
