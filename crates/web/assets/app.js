// What pages do beyond links and forms. Every page works without it: filters
// have a button, jobs a page that is loaded again, search a page of its own.
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { const live = $("#live"); if (live) live.textContent = text; };

  // Light and dark.
  for (const button of $$("[data-theme-switch]")) {
    button.addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
    });
  }

  // The navigation on a narrow screen.
  const menu = $("[data-menu]");
  const side = $("#side");
  const shut = () => {
    const held = side?.classList.contains("open") && side.contains(document.activeElement);
    side?.classList.remove("open");
    menu?.setAttribute("aria-expanded", "false");
    // What is no longer shown cannot keep the focus.
    if (held) menu.focus();
  };
  menu?.addEventListener("click", () => {
    const open = side.classList.toggle("open");
    menu.setAttribute("aria-expanded", String(open));
    if (open) $("a", side)?.focus();
  });
  document.addEventListener("click", (event) => {
    if (side?.classList.contains("open") && !side.contains(event.target) && !menu.contains(event.target)) shut();
  });

  // The palette: Ctrl K or /, arrows, Enter.
  const palette = $("#palette");
  const input = $("#palette-input");
  const found = () => $$("#palette-found a");
  const open = () => { palette.showModal(); input.select(); input.dispatchEvent(new CustomEvent("palette", { bubbles: true })); };
  for (const link of $$("[data-palette-open]")) link.addEventListener("click", (event) => { event.preventDefault(); open(); });
  const move = (by) => {
    const links = found();
    if (!links.length) return;
    const now = links.findIndex((link) => "on" in link.dataset);
    links.forEach((link) => delete link.dataset.on);
    const next = links[(now + by + links.length) % links.length];
    next.dataset.on = "";
    next.scrollIntoView({ block: "nearest" });
    say(next.textContent);
  };
  input?.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
    if (event.key === "Enter") {
      const chosen = $("#palette-found a[data-on]") || found()[0];
      if (chosen) { event.preventDefault(); location.href = chosen.href; }
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") || (event.key === "/" && !typing)) {
      event.preventDefault();
      if (palette && !palette.open) open();
    }
    if (event.key === "Escape") shut();
  });

  // Filters apply as they are changed.
  for (const form of $$("form.filters")) {
    let wait;
    const send = () => form.requestSubmit();
    for (const select of $$("select", form)) select.addEventListener("change", send);
    $("input[type=search]", form)?.addEventListener("search", send);
    $("input[type=search]", form)?.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(send, 500); });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const query = new URLSearchParams();
      for (const [key, value] of new FormData(form)) if (value) query.append(key, value);
      location.href = form.action.split("?")[0] + (query.size ? `?${query}` : "");
    });
  }

  // Rows chosen together.
  for (const form of $$("form.bulk-form")) {
    const boxes = () => $$("input[name=row]", form);
    const show = () => $("[data-bulk]", form).classList.toggle("on", boxes().some((box) => box.checked));
    $("[data-check-all]", form)?.addEventListener("change", (event) => { boxes().forEach((box) => { box.checked = event.target.checked; }); show(); });
    form.addEventListener("change", show);
  }

  // A job tells how far it is.
  const job = $("#job[data-events]");
  if (job && !$("[data-job-done], .note", job)) {
    const events = new EventSource(job.dataset.events);
    const show = (event) => {
      const held = job.contains(document.activeElement);
      job.innerHTML = event.data;
      // Whoever is about to cancel keeps the button.
      if (held) $("button, a", job)?.focus();
    };
    events.addEventListener("progress", show);
    events.addEventListener("end", (event) => { show(event); events.close(); say(job.textContent.trim()); $("[data-job-done]", job)?.focus(); });
  }

  // Copy a text.
  for (const button of $$("[data-copy]")) {
    button.addEventListener("click", async () => { await navigator.clipboard.writeText($(button.dataset.copy).textContent); say(button.textContent.trim()); });
  }
  for (const link of $$("[data-back]")) link.addEventListener("click", (event) => { if (history.length > 1) { event.preventDefault(); history.back(); } });

  // Completing names in the workbench, and running with Ctrl+Enter.
  for (const area of $$("textarea[data-complete]")) {
    const words = [...new Set(area.dataset.complete.split(" "))].sort();
    let list;
    const close = () => { list?.remove(); list = undefined; };
    const complete = () => {
      close();
      const before = area.value.slice(0, area.selectionStart);
      const part = before.match(/[a-z_][a-z0-9_]*$/i)?.[0].toLowerCase() || "";
      const fitting = words.filter((word) => word.startsWith(part) && word !== part).slice(0, 12);
      if (!fitting.length) return;
      list = document.createElement("div");
      list.className = "complete";
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", area.labels[0]?.textContent || area.name);
      for (const word of fitting) {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("role", "option");
        button.textContent = word;
        button.addEventListener("click", () => { area.setRangeText(word, area.selectionStart - part.length, area.selectionStart, "end"); close(); area.focus(); });
        list.append(button);
      }
      area.after(list);
      $("button", list).focus();
      say(fitting.join(", "));
      list.addEventListener("keydown", (event) => {
        if (event.key === "Escape") { close(); area.focus(); }
        const buttons = $$("button", list);
        const at = buttons.indexOf(document.activeElement);
        if (event.key === "ArrowDown") { event.preventDefault(); buttons[(at + 1) % buttons.length].focus(); }
        if (event.key === "ArrowUp") { event.preventDefault(); buttons[(at - 1 + buttons.length) % buttons.length].focus(); }
      });
    };
    area.addEventListener("keydown", (event) => {
      if (event.ctrlKey && event.key === " ") { event.preventDefault(); complete(); }
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); area.form.requestSubmit(); }
    });
    document.addEventListener("click", (event) => { if (list && !list.contains(event.target)) close(); });
  }

  // A long list of choices, narrowed by a word.
  for (const list of $$("[data-choose]")) {
    $("[data-choose-search]", list)?.addEventListener("input", (event) => {
      const word = event.target.value.trim().toLowerCase();
      for (const line of $$(".check-line", list)) line.hidden = !line.textContent.toLowerCase().includes(word) && !$("input", line).checked;
    });
  }

  // Files dropped onto a field.
  for (const drop of $$("[data-drop]")) {
    const file = $("input[type=file]", drop);
    const over = (on) => drop.classList.toggle("over", on);
    drop.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    drop.addEventListener("dragleave", () => over(false));
    drop.addEventListener("drop", (event) => { event.preventDefault(); over(false); if (event.dataTransfer.files.length) { file.files = event.dataTransfer.files; say(file.files[0].name); } });
  }

  // A sentence of the report leads to the facts it rests on.
  const report = $("#report");
  report?.addEventListener("load", () => {
    const pages = report.contentDocument;
    const list = $("#facts");
    for (const sentence of $$("[data-facts]", pages)) {
      sentence.tabIndex = 0;
      const show = () => {
        const facts = document.createElement("section");
        facts.className = "stack";
        const heading = document.createElement("h2");
        heading.textContent = sentence.textContent.trim().slice(0, 140);
        facts.append(heading);
        for (const fact of sentence.dataset.facts.split(" ")) {
          const at = fact.indexOf(":");
          const link = document.createElement("a");
          link.className = "linkrow link";
          link.href = `/facts/${encodeURIComponent(fact.slice(0, at))}/${encodeURIComponent(fact.slice(at + 1))}`;
          link.textContent = fact.replace(":", " ");
          facts.append(link);
        }
        list.replaceChildren(facts);
      };
      sentence.addEventListener("click", show);
      sentence.addEventListener("focus", show);
    }
  });
})();
