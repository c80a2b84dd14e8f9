(() => {
  "use strict";

  const root = document.documentElement;
  const LANGUAGES = ["zh", "en"];

  // The hash holds the language and the section: #en/lifecycle. A plain #lifecycle works too.
  const parseHash = () => {
    const parts = location.hash.slice(1).split("/");
    const language = LANGUAGES.includes(parts[0]) ? parts.shift() : null;
    return { language, section: parts[0] || "" };
  };

  const remember = (section) => {
    const hash = "#" + root.dataset.language + (section ? "/" + section : "");
    history.replaceState(null, "", hash);
  };

  const speak = (language) => {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    document.title = language === "zh" ? root.dataset.titleZh : root.dataset.titleEn;
    for (const option of document.querySelectorAll("option[data-zh]")) {
      option.textContent = option.dataset[language];
    }
    for (const button of document.querySelectorAll("button[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
  };

  const goTo = (section) => {
    const target = section && document.getElementById(section);
    if (target) target.scrollIntoView();
  };

  const follow = () => {
    const { language, section } = parseHash();
    if (language && language !== root.dataset.language) speak(language);
    goTo(section);
  };

  const start = parseHash();
  const preferred = (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en";
  speak(start.language || preferred);
  goTo(start.section);
  addEventListener("hashchange", follow);

  for (const button of document.querySelectorAll("button[data-language]")) {
    button.addEventListener("click", () => {
      speak(button.dataset.language);
      remember(parseHash().section);
    });
  }
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const section = link.getAttribute("href").slice(1);
      goTo(section);
      remember(section);
    });
  }

  const clinic = document.getElementById("clinic-choice");
  const showClinic = () => {
    for (const table of document.querySelectorAll(".one-clinic")) {
      table.hidden = table.dataset.choice !== clinic.value;
    }
  };
  if (clinic) {
    clinic.addEventListener("change", showClinic);
    showClinic();
  }

  const people = document.getElementById("people");
  const choice = document.getElementById("attention-choice");
  const showPeople = () => {
    let shown = 0;
    for (const row of people.tBodies[0].rows) {
      const all = choice.value === "all";
      row.hidden = all ? !("top" in row.dataset) : row.dataset.clinic !== choice.value;
      if (!row.hidden) shown += 1;
    }
    people.hidden = shown === 0;
    document.getElementById("nobody-here").hidden = shown > 0;
  };
  if (people && choice) {
    choice.addEventListener("change", showPeople);
    showPeople();
  }

  // The rows on show as tab-separated text, figures exact, ready for a sheet.
  const cellText = (cell) => {
    const exact = cell.querySelector("data");
    return exact ? exact.value : cell.innerText.trim();
  };
  const listText = () =>
    [...people.rows]
      .filter((row) => !row.hidden)
      .map((row) => [...row.cells].map(cellText).join("\t"))
      .join("\n");

  const report = (said) => {
    for (const note of document.querySelectorAll("[data-said]")) {
      note.hidden = note.dataset.said !== said;
    }
  };
  if (people) {
    document.getElementById("copy").addEventListener("click", () => {
      const refused = () => report("refused");
      if (!navigator.clipboard) return refused();
      return navigator.clipboard.writeText(listText()).then(() => report("done"), refused);
    });
  }
})();
