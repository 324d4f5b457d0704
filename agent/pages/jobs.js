// The scheduled jobs and the data files on the diagnosis page: a job run now, what happened marked as seen.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-run], [data-seen]");
  if (!button) return;
  try {
    if (button.dataset.run) {
      await post(`/api/jobs/${button.dataset.run}/run`);
      say(button.dataset.begun);
    } else {
      await post("/api/health/seen", { happening_id: Number(button.dataset.seen) });
    }
    await refresh();
  } catch (error) {
    say(error.message, true);
  }
});
