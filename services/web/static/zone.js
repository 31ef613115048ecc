// Preselects the browser's time zone where none is chosen. The page works without this file.
const zone = document.querySelector("select[data-guess]");
if (zone && !zone.value) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === guess)) zone.value = guess;
}
