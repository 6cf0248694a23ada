// Fill in each form's time zone, which the user can change: that of a known listener, else the browser's.
const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zoneOfListener = new Map(
  [...document.querySelectorAll("tr[data-listener]")].map((row) => [row.dataset.listener, row.dataset.zone]),
);

for (const form of document.querySelectorAll("form:has(input[name=time_zone])")) {
  const { listener_id: listener, time_zone: zone } = form.elements;
  const fill = () => {
    if (!zone.dataset.isEdited) zone.value = zoneOfListener.get(listener.value.trim()) ?? browserZone ?? "";
  };
  zone.addEventListener("input", () => { zone.dataset.isEdited = "yes"; });
  listener.addEventListener("input", fill);
  fill();
}
