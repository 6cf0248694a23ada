// While a job is under way, show how far it is; when none is any more, show what came of it. Without scripts a link does.
const EVERY = 1000; // milliseconds
const jobs = document.getElementById("live-jobs");

const isUnderWay = () => jobs.querySelector("[data-status=running], [data-status=queued]") !== null;

const partsOf = async (address) => {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

const renew = async () => {
  jobs.replaceChildren(...(await partsOf(jobs.dataset.address)).body.childNodes);
  if (isUnderWay()) return;
  const page = await partsOf(location.pathname);
  for (const part of document.querySelectorAll("[data-live]")) {
    part.replaceChildren(...(page.getElementById(part.id)?.childNodes ?? []));
  }
};

const watch = async () => {
  if (!document.hidden) await renew().catch(() => {}); // The endpoint may be restarting: the next look will tell.
  if (isUnderWay()) setTimeout(watch, EVERY);
};

if (isUnderWay()) setTimeout(watch, EVERY);
