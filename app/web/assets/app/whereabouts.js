/** Where the phone is, if its holder lets us know. */

import { client } from "/assets/app/client.js";

const OPTIONS = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 15_000 };

let last = null;

/** The phone does not say where it is: nobody may know, or it does not know itself. `isForbidden` tells which. */
export class Nowhere extends Error {
  constructor(isForbidden) {
    super("nowhere");
    this.isForbidden = isForbidden;
  }
}

/** Where the phone is now, as the API takes it: `{ latitude, longitude, accuracyMeters, measuredAt }`. Throws Nowhere. */
export function whereabouts() {
  return new Promise((resolve, reject) => {
    const told = ({ coords: { latitude, longitude, accuracy }, timestamp }) => {
      const measuredAt = new Date(timestamp + client.skew).toISOString();
      last = { latitude, longitude, accuracyMeters: Math.ceil(accuracy), measuredAt };
      resolve(last);
    };
    const failed = ({ code }) => reject(new Nowhere(code === 1));
    navigator.geolocation ? navigator.geolocation.getCurrentPosition(told, failed, OPTIONS) : failed({ code: 2 });
  });
}

/** Whether the phone may say where it is without asking its holder. */
export async function isAllowed() {
  const permission = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  return permission?.state === "granted";
}

/** Where the phone was when it said so last, or is if that needs no question; null when nobody knows. */
export async function knownPoint() {
  if (last === null && (await isAllowed())) {
    await whereabouts().catch(() => {});
  }
  return last && { latitude: last.latitude, longitude: last.longitude };
}

/** As in 350 m or 2.1 km. */
export function distanceText(meters) {
  return meters < 1_000 ? `${Math.round(meters / 10) * 10} m` : `${(meters / 1_000).toFixed(meters < 10_000 ? 1 : 0)} km`;
}
