// 听一听: has what is being written spoken in the box's voice, and plays it.
"use strict";
(() => {
  const place = document.querySelector("[data-listen]");
  const [button, player, told] = [place.querySelector("button"), place.querySelector("audio"), place.querySelector("[role=status]")];
  let address = "";
  place.hidden = false;

  async function listen() {
    button.disabled = true;
    player.hidden = true;
    told.textContent = "正在用盒子的嗓音念，稍等……";
    try {
      const answer = await fetch("/notices/say", { method: "POST", body: new FormData(button.form), redirect: "error" });
      if (answer.ok) {
        URL.revokeObjectURL(address);
        address = player.src = URL.createObjectURL(await answer.blob());
        player.hidden = false;
        told.textContent = "盒子会这样念，念两遍。";
        await player.play();
      } else if (answer.headers.get("content-type").startsWith("text/plain")) {
        told.textContent = await answer.text();
      } else {
        told.textContent = "没听成。请先把写的复制下来，重新打开这一页再试。";
      }
    } catch (error) {
      told.textContent = player.hidden ? "没听成，村务台没有回话。" : "点播放键听。"; // a browser may want a click of its own
    }
    button.disabled = false;
  }

  button.addEventListener("click", listen);
})();
