// Runs before the first paint, so that a chosen colour scheme does not flash.
{
  const theme = localStorage.getItem("easel-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
}
