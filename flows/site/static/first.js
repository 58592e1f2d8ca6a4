// Before the page is drawn: the language and the colours that the reader chose, or those of the browser.
(function () {
  "use strict";
  var root = document.documentElement;
  function stored(name) {
    try { return localStorage.getItem("lvzhi." + name); } catch (error) { return null; }
  }
  var asked = new URLSearchParams(location.search);
  var language = asked.get("lang") || stored("language") || (/^zh/i.test(navigator.language || "zh") ? "zh" : "en");
  root.dataset.lang = language === "en" ? "en" : "zh";
  root.lang = root.dataset.lang === "en" ? "en" : "zh-CN";
  var theme = asked.get("theme") || stored("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  root.classList.add("js");
})();
