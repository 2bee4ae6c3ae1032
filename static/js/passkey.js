/* Passkeys and security keys: ask the authenticator, put its answer into the form, send the form. */
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

const withIds = (list) => list?.map((item) => ({ ...item, id: toBytes(item.id) }));

function requestOptions({ publicKey }) {
  return { publicKey: { ...publicKey, challenge: toBytes(publicKey.challenge), allowCredentials: withIds(publicKey.allowCredentials) } };
}

function creationOptions({ publicKey }, passwordless) {
  const selection = { ...publicKey.authenticatorSelection };
  if (passwordless !== null) {
    selection.residentKey = passwordless ? "required" : "discouraged";
    selection.requireResidentKey = passwordless;
    if (passwordless) selection.userVerification = "required";
  }
  return {
    publicKey: {
      ...publicKey,
      authenticatorSelection: selection,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withIds(publicKey.excludeCredentials),
    },
  };
}

function answerOf(credential) {
  const { response } = credential;
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = toText(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return {
    type: credential.type,
    id: credential.id,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response: parts,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function optionsFor(button) {
  if (button.dataset.options) return JSON.parse(button.dataset.options);
  const answer = await fetch(button.dataset.source, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function use(button) {
  const form = document.getElementById(button.dataset.passkey);
  const passwordless = form.querySelector('[name="passwordless"]');
  const problem = document.querySelector("[data-passkey-problem]");
  if (problem) problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    const { creation_options: creation, request_options: request } = await optionsFor(button);
    const credential = creation
      ? await navigator.credentials.create(creationOptions(creation, passwordless ? passwordless.checked : null))
      : await navigator.credentials.get(requestOptions(request));
    form.querySelector('[name="credential"]').value = JSON.stringify(answerOf(credential));
    form.requestSubmit();
  } catch {
    // Cancelled by the person, no key at hand, or no answer: one sentence serves all three.
    if (problem) problem.hidden = false;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

export function start() {
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = !window.PublicKeyCredential;
    button.addEventListener("click", () => use(button));
  }
}
