import { signal } from "@preact/signals";

/** Where in the window a person is. It is in the address, so that Back goes back. */
export const places = ["lab", "tour", "races", "compare", "history", "doctor", "settings"] as const;
export type Place = (typeof places)[number];

export const placeNames: Readonly<Record<Place, string>> = { lab: "Lab", tour: "Tour", races: "Races", compare: "Compare", history: "History", doctor: "Doctor", settings: "Settings" };

const fromAddress = (): Place => places.find((place) => location.hash === `#${place}`) ?? "lab";

export const place = signal<Place>(fromAddress());
addEventListener("hashchange", () => (place.value = fromAddress()));

export function goTo(next: Place): void {
  if (next === place.value) return;
  place.value = next;
  history.pushState(null, "", `#${next}`);
}
addEventListener("popstate", () => (place.value = fromAddress()));
