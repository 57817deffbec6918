// Passkeys: carries options from the server to the device and its answer back.
// A form with `data-passkey` says which way (`create` or `get`), where options
// come from (`data-start`), where the answer goes (`action`), and what to say
// when something fails.
(() => {
  const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  /** What the server told is wrong. */
  class Told extends Error {}

  const post = async (address, body) => {
    const answer = await fetch(address, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    const sentences = (told.problems ?? []).map(({ detail, hint }) => [detail, hint].filter(Boolean).join("; "));
    throw new Told(sentences.join(" "));
  };

  // Binary values travel as base64url.
  const options = ({ publicKey }) => {
    const known = (list) => list?.map((it) => ({ ...it, id: toBytes(it.id) }));
    const user = publicKey.user && { ...publicKey.user, id: toBytes(publicKey.user.id) };
    return {
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        ...(user && { user, excludeCredentials: known(publicKey.excludeCredentials) }),
        ...(!user && { allowCredentials: known(publicKey.allowCredentials) }),
      },
    };
  };

  const credential = (made) => {
    const response = {};
    for (const name of ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = toText(made.response[name]);
    }
    if (made.response.getTransports) response.transports = made.response.getTransports();
    const extensions = made.getClientExtensionResults();
    return { id: made.id, rawId: toText(made.rawId), type: made.type, response, extensions };
  };

  const run = async (form) => {
    const typed = Object.fromEntries(new FormData(form));
    const asked = options(await post(form.dataset.start, typed));
    const made = await navigator.credentials[form.dataset.passkey](asked);
    const { to } = await post(form.getAttribute("action"), { ...typed, credential: credential(made) });
    location.assign(to);
  };

  const wording = (form, error) => {
    if (error instanceof Told && error.message) return error.message;
    if (error.name === "NotAllowedError" || error.name === "AbortError") return form.dataset.cancelled;
    if (error.name === "InvalidStateError" && form.dataset.known) return form.dataset.known;
    return form.dataset.failed;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button");
    const said = form.querySelector("[data-said]");
    if (!window.PublicKeyCredential) {
      said.textContent = form.dataset.missing;
      continue;
    }
    button.disabled = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.textContent = "";
      button.disabled = true;
      try {
        await run(form);
      } catch (error) {
        said.textContent = wording(form, error);
        button.disabled = false;
      }
    });
  }
})();
