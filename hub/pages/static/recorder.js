// Speaking a notice into the browser: held or pressed, seen on a meter, listened to, and sent along as the form's file.
"use strict";
(() => {
  const place = document.getElementById("speaking");
  const find = (name) => place.querySelector(name);
  const button = find(".speak"), clock = find(".spent"), meter = find("meter"), told = find(".told");
  const spoken = find(".recorder .spoken"), player = spoken.querySelector("audio"), file = find("input[type=file]");
  const shortest = Number(place.dataset.shortest), longest = Number(place.dataset.longest), most = Number(place.dataset.most);
  const HELD_MS = 600;  // who holds it for longer ends the recording by letting go
  const SILENT_MS = 3000, SILENT = 0.003;  // of full scale: about -50 dB
  const IDLE = "按住说话", BUSY = "说完了", SPEAKING = "正在录……请对着话筒说。";
  const WRONG = {
    NotAllowedError: "浏览器没让用话筒。请点网址前面的小锁，把“麦克风”改成允许，再按一次。也可以在下面选录音文件。",
    NotFoundError: "没有找到话筒。请插上话筒再按一次，或者在下面选手机录好的文件。",
    NotReadableError: "话筒打不开，可能别的程序正用着它。请关掉那个程序，再按一次。",
    insecure: "这个网址不是 https 开头，浏览器不让用话筒。请在下面选手机录好的文件。",
    other: "这个浏览器录不了音。请在下面选手机录好的文件。",
  };
  let session = null;  // what is being recorded
  let pressedAt = 0, isOpening = false;

  function tell(text, isWrong = false) {
    told.textContent = text;
    told.classList.toggle("wrong", isWrong);
  }

  const written = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;
  const since = (moment) => performance.now() - moment;

  // -- recording ----------------------------------------------------------------------------------------------------

  async function begin() {
    if (isOpening || session) return;
    isOpening = true;
    try {
      if (!window.isSecureContext) throw {name: "insecure"};
      record(await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: false, noiseSuppression: true, autoGainControl: true}}));
    } catch (error) {
      tell(WRONG[error.name] || WRONG.other, true);
    } finally {
      isOpening = false;
    }
  }

  function record(stream) {
    const recorder = new MediaRecorder(stream, {audioBitsPerSecond: 64000}), pieces = [], mine = session = {recorder, stream, ...meterOf(stream)};
    mine.begun = mine.loudAt = performance.now();
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = () => {
      end("话筒断开了。录到的请先听一听。", true);  // by itself, unless somebody has ended it
      session = null;
      close(mine);
      keep(new Blob(pieces, {type: recorder.mimeType}), mine.seconds);
    };
    drop();
    recorder.start(1000);
    button.textContent = BUSY;
    button.setAttribute("aria-pressed", "true");
    tell(SPEAKING);
    requestAnimationFrame(watch);
  }

  function meterOf(stream) {
    const context = new AudioContext(), analyser = context.createAnalyser(), samples = new Float32Array(analyser.fftSize);
    context.createMediaStreamSource(stream).connect(analyser);
    const level = () => {
      analyser.getFloatTimeDomainData(samples);
      return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    };
    return {level, context};
  }

  function watch() {
    if (!session || session.seconds) return;
    const level = session.level(), seconds = since(session.begun) / 1000;
    clock.textContent = written(seconds);
    meter.value = Math.min(1, Math.max(0, 1 + Math.log10(level + 1e-6) / 2.5));  // empty at -50 dB
    if (level > SILENT) {
      if (session.isSilent) tell(SPEAKING);
      session.isSilent = false;
      session.loudAt = performance.now();
    } else if (!session.isSilent && since(session.loudAt) > SILENT_MS) {
      session.isSilent = true;
      tell("听不到声音。请看看话筒插好没有、有没有关掉。", true);
    }
    if (seconds >= longest - 1) {
      end(`录满${Math.round(longest / 60)}分钟，停了。请先听一听。`);
      return;
    }
    requestAnimationFrame(watch);
  }

  function end(text = "录好了。先听一听，不满意就重新录。", isWrong = false) {
    if (!session || session.seconds) return;
    session.seconds = since(session.begun) / 1000;
    button.textContent = IDLE;
    button.setAttribute("aria-pressed", "false");
    meter.value = 0;
    tell(text, isWrong);
    if (session.recorder.state !== "inactive") session.recorder.stop();
  }

  function close({stream, context}) {
    stream.getTracks().forEach((track) => track.stop());
    context.close();
  }

  // -- what was recorded ----------------------------------------------------------------------------------------------

  function keep(sound, seconds) {
    if (!sound.size || seconds < shortest + 0.5) {
      tell("太短了，没录上。按住按钮说，说完再松开。", true);
      return;
    }
    const ending = ["mp4", "ogg", "webm"].find((known) => sound.type.includes(known)) || "webm";
    const carried = new DataTransfer();
    carried.items.add(new File([sound], `recording.${ending}`, {type: sound.type}));
    file.files = carried.files;
    clock.textContent = written(seconds);
    listen();
  }

  function listen() {
    forget();
    player.src = URL.createObjectURL(file.files[0]);
    spoken.hidden = false;
  }

  function forget() {
    if (player.src) URL.revokeObjectURL(player.src);
    player.removeAttribute("src");
    player.load();
    spoken.hidden = true;
  }

  function drop() {
    file.value = "";
    clock.textContent = written(0);
    forget();
  }

  // -- who presses what -----------------------------------------------------------------------------------------------

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (session) {
      end();
      return;
    }
    button.setPointerCapture(event.pointerId);
    pressedAt = performance.now();
    begin();
  });
  const released = () => {
    if (session && session.begun >= pressedAt && since(session.begun) > HELD_MS) end();
    pressedAt = Infinity;
  };
  button.addEventListener("pointerup", released);
  button.addEventListener("pointercancel", released);
  button.addEventListener("contextmenu", (event) => event.preventDefault());  // what a telephone makes of a long press
  button.addEventListener("click", (event) => {
    if (event.detail === 0) session ? end() : begin();  // by the keyboard
  });
  find(".drop").addEventListener("click", () => { drop(); tell("不要了。按住按钮重新说。"); button.focus(); });
  file.addEventListener("change", () => {
    forget();
    tell("");
    if (file.files.length && file.files[0].size > most) {
      file.value = "";
      tell(`这个文件太大了，最多${Math.floor(most / 1e6)}兆。可以用手机重录一段短的，或者存成 mp3、m4a 再选。`, true);
    } else if (file.files.length) {
      tell("选好了。先听一听。");
      listen();
    }
  });
  place.form.addEventListener("submit", (event) => {
    if (!session) return;
    event.preventDefault();
    end("录音停了。请先听一听，再点下面的按钮。");
    told.scrollIntoView({block: "center"});
  });
  find(".recorder").hidden = false;
})();
