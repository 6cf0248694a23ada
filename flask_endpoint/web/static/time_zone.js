// Fill each form's time zone, for the person to see and correct: a known listener's own, else the browser's.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = new Map(
  [...document.querySelectorAll("tr[data-listener]")].map((row) => [row.dataset.listener, row.dataset.zone]),
);

for (const form of document.querySelectorAll("form:has(input[name=time_zone])")) {
  const { listener_id: listener, time_zone: zone } = form.elements;
  const fill = () => {
    if (!zone.dataset.isCorrected) zone.value = known.get(listener.value.trim()) ?? here ?? "";
  };
  zone.addEventListener("input", () => { zone.dataset.isCorrected = "yes"; });
  listener.addEventListener("input", fill);
  fill();
}
