// Refresh the jobs while one is queued or running, and then the parts of the page that show its result. Without scripts, a link reloads the page.
const REFRESH_INTERVAL = 1000; // milliseconds
const jobs = document.getElementById("live-jobs");

const isUnfinished = () => jobs.querySelector("[data-status=running], [data-status=queued]") !== null;

const fetchDocument = async (address) => {
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
};

const refresh = async () => {
  jobs.replaceChildren(...(await fetchDocument(jobs.dataset.address)).body.childNodes);
  if (isUnfinished()) return;
  const page = await fetchDocument(location.pathname);
  for (const part of document.querySelectorAll("[data-live]")) {
    part.replaceChildren(...(page.getElementById(part.id)?.childNodes ?? []));
  }
};

const watch = async () => {
  const isUsed = jobs.querySelector("button:focus, button:active") !== null; // Such a button must not be replaced.
  if (!document.hidden && !isUsed) await refresh().catch(() => {}); // The endpoint may be restarting; the next refresh tries again.
  if (isUnfinished()) setTimeout(watch, REFRESH_INTERVAL);
};

if (isUnfinished()) setTimeout(watch, REFRESH_INTERVAL);
