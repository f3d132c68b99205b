// Turns the board's pages, cuts what is too long for one into several, keeps the clock, and says when the hub has not been heard of.
"use strict";
(() => {
  const SHORTEST_S = 8, PER_LETTER_S = 0.25; // old eyes read four characters a second
  const LOST_S = 60, RELOADS_AFTER_S = 24 * 3600;
  const began = performance.now();
  let server = { at: Number(document.getElementById("board").dataset.now), heard: performance.now() }; // the hub's clock: a screen's own may be wrong
  let whole = ""; // what came from the hub, before it was cut into pages
  let key = "", since = performance.now(), isStopped = false, pages = [], place = 0;

  const board = () => document.getElementById("board");
  const part = (id) => document.getElementById(id);
  const seconds = (from) => (performance.now() - from) / 1000;
  const two = (number) => String(number).padStart(2, "0");

  function local(epoch) { // by the village's clocks, whatever zone the screen is set to
    return new Date(epoch + Number(board().dataset.minutes) * 60000);
  }
  function hour(at) { return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`; }

  function fits(page) { return page.scrollHeight <= page.clientHeight + 1; }

  // Where a sentence ends, if that is not too early, else a clause, else any letter.
  function cut(text, most) {
    for (const marks of [/[。！？；\n]/g, /[，、：\s]/g]) {
      let end = 0;
      for (const found of text.slice(0, most).matchAll(marks)) end = found.index + 1;
      if (end > most / 2) return end;
    }
    return most;
  }

  function split(page) {
    const made = [page];
    page.classList.add("now");
    let words = page.querySelector(".words");
    while (words && !fits(page)) {
      const text = words.textContent;
      let low = 1, high = text.length;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        words.textContent = text.slice(0, middle);
        if (fits(page)) low = middle; else high = middle - 1;
      }
      const end = cut(text, low);
      words.textContent = text.slice(0, end).trim();
      if (end >= text.length) break; // not even one letter fits: so be it
      page.classList.remove("now");
      page = page.cloneNode(true);
      page.dataset.key = `${made[0].dataset.key} ${made.length}`;
      page.classList.add("now");
      words = page.querySelector(".words");
      words.textContent = text.slice(end).trim();
      made[made.length - 1].after(page);
      made.push(page);
    }
    page.classList.remove("now");
    if (made.length > 1) made.forEach((one, number) => { one.querySelector(".kind").append(`（${number + 1}/${made.length}）`); });
    return made;
  }

  function lay() {
    board().classList.add("turning");
    whole = part("pages").innerHTML;
    pages = [];
    part("stop").hidden = false; // the footer is as high as it will be before anything is measured
    part("place").textContent = "10 / 10";
    stop(isStopped);
    tick();
    pages = [...document.querySelectorAll(".page")].flatMap(split);
    const again = pages.findIndex((page) => page.dataset.key === key);
    show(again < 0 ? 0 : again, again < 0);
  }

  function layAgain() {
    if (!pages.length) return;
    part("pages").innerHTML = whole;
    lay();
  }

  function stop(isSo) {
    isStopped = isSo;
    since = performance.now();
    part("stop").textContent = isSo ? "接着放" : "停一停";
  }

  function show(number, isNew) {
    pages.forEach((page, at) => page.classList.toggle("now", at === number));
    place = number;
    key = pages[number].dataset.key;
    if (isNew) since = performance.now();
    part("place").textContent = pages.length > 1 ? `${number + 1} / ${pages.length}` : "";
  }

  function turn(step) { show((place + step + pages.length) % pages.length, true); }

  function tick() {
    const now = server.at + (performance.now() - server.heard), silent = seconds(server.heard);
    part("clock").textContent = hour(local(now));
    const heard = local(server.at), isToday = heard.getUTCDate() === local(now).getUTCDate();
    const at = isToday ? hour(heard) : `${heard.getUTCMonth() + 1}月${heard.getUTCDate()}日 ${hour(heard)}`;
    const wasLost = board().classList.contains("lost");
    board().classList.toggle("lost", silent > LOST_S);
    const told = silent > LOST_S ? `连不上村务台，这是 ${at} 的内容` : `更新于 ${at}`;
    if (part("fresh").textContent !== told) part("fresh").textContent = told;
    if (wasLost !== silent > LOST_S) layAgain(); // the footer is higher, or lower again
    const letters = pages[place] ? pages[place].textContent.replace(/\s+/g, "").length : 0;
    if (!isStopped && pages.length > 1 && seconds(since) > SHORTEST_S + PER_LETTER_S * letters) turn(1);
  }

  function heard(answer) {
    server = { at: Date.parse(answer.getResponseHeader("date")) || server.at + (performance.now() - server.heard), heard: performance.now() };
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const answer = event.detail.xhr;
    if (answer.status === 404 || (answer.status < 300 && answer.status >= 200 && seconds(began) > RELOADS_AFTER_S)) location.reload();
    else if (answer.status >= 200 && answer.status < 300) { heard(answer); tick(); }
  });
  document.addEventListener("htmx:afterSettle", lay);
  document.addEventListener("click", (event) => { if (event.target.id === "stop") stop(!isStopped); });
  window.addEventListener("resize", layAgain);
  document.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "PageDown") turn(1);
    if (event.key === "ArrowLeft" || event.key === "PageUp") turn(-1);
  });
  document.fonts.ready.then(lay);
  setInterval(tick, 1000);
})();
