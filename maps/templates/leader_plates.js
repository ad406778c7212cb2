// Plates: read by the camera where the browser can, else from a photo that the server reads and
// forgets, else by the number that is typed.
let stream = null;

function stopCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}

$("scan").onclick = () => open(say.scan, (body) => {
  const note = put(body, "p", "", "note");
  note.setAttribute("role", "status");
  const tell_ = (text) => { note.textContent = text; };
  if ("BarcodeDetector" in window && window.isSecureContext && navigator.mediaDevices) watch(body, tell_);
  addPhoto(body, tell_);
  addNumber(body, tell_);
});

async function watch(body, tell_) {
  const video = document.createElement("video");
  video.playsInline = video.muted = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return; // no camera, or not allowed: a photo or the number will do
  }
  if (!$("sheet").open) return stopCamera();
  body.prepend(video);
  tell_(say.scan_head);
  video.srcObject = stream;
  const seen = new BarcodeDetector({ formats: ["qr_code"] });
  video.play().catch(() => null); // goes on by itself once there is a picture
  while (stream && $("sheet").open) {
    const [code] = await seen.detect(video).catch(() => []);
    if (code && takePlate(code.rawValue, tell_)) return stopCamera();
    await new Promise((done) => { setTimeout(done, 250); });
  }
  return undefined;
}

function addPhoto(body, tell_) {
  const label = put(body, "label", say.photo, "button"), input = put(label, "input");
  Object.assign(input, { type: "file", accept: "image/*" });
  input.setAttribute("capture", "environment");
  input.onchange = async () => {
    if (!input.files.length) return;
    tell_(say.photo_wait);
    try {
      const answer = await fetch(`${location.pathname}/plate`, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ photo: await smaller(input.files[0]) }),
      });
      if (!answer.ok) throw new TypeError(answer.statusText);
      const { text } = await answer.json();
      if (text === null) tell_(say.photo_none);
      else takePlate(text, tell_);
    } catch (error) {
      tell_(error instanceof TypeError ? say.photo_offline : say.photo_none);
    }
    input.value = "";
  };
}

// Only the picture itself, no larger than is needed: nothing of what phones write into files.
async function smaller(file) {
  const picture = await createImageBitmap(file), canvas = document.createElement("canvas");
  const by = Math.min(card.photo / Math.max(picture.width, picture.height), 1);
  [canvas.width, canvas.height] = [Math.round(picture.width * by), Math.round(picture.height * by)];
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.85).split(",")[1];
}

function addNumber(body, tell_) {
  const box = put(body, "form", "", "number"), label = put(box, "label", say.number_head);
  const input = put(box, "input"), button = put(box, "button", say.number_ok);
  input.id = label.htmlFor = "plate-number";
  Object.assign(input, { autocomplete: "off", enterKeyHint: "done", maxLength: 40 });
  input.inputMode = card.stops.every((stop) => /^[0-9]*$/.test(stop.p)) ? "numeric" : "text";
  button.type = "submit";
  box.onsubmit = (event) => {
    event.preventDefault();
    const number = input.value.normalize("NFKC").trim().toUpperCase().replace(/^0+(?=.)/, "");
    if (!number) return tell_(say.number_none);
    const mine = card.stops.filter((stop) => stop.p.toUpperCase() === number);
    return mine.length ? take_(mine, null, tell_) : offerExtra(box, { number }, number, tell_);
  };
}

// Returns whether the text was a plate's.
function takePlate(text, tell_) {
  const plain = text.includes("://") ? decodeURIComponent(text.split("#").pop()) : text;
  const [sign, town, point, serial] = plain.trim().split("|");
  if (sign !== "FQ1" || serial === undefined) return tell_(say.not_plate), false;
  if (town !== card.town.replaceAll("|", "/")) return tell_(say.other_town), false;
  const mine = card.stops.filter((stop) => stop.c.split("#")[0] === point);
  if (mine.length) take_(mine, text, tell_);
  else offerExtra($("sheet").children[1], { plate: text }, point, tell_);
  return true;
}

// Of several visits the next one that is left.
function take_(mine, plate, tell_) {
  const stop = mine.find((one) => !(one.c in state.at));
  if (!stop) return tell_(say.already);
  return close(() => checkIn(stop.c, plate));
}

function offerExtra(body, item, name, tell_) {
  tell_(filled(say.number_empty, { n: name }));
  body.querySelector(".extra")?.remove();
  const button = choice(body, say.extra_yes, () => {
    tell({ kind: "checkin", ...item });
    changed({});
    toast(filled(say.extra_said, { n: name }));
  });
  button.type = "button";
  button.classList.add("extra");
}
