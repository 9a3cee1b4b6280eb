/** The app's client of the API, and what the app remembers. Everything that it keeps goes by this `storage`. */

import * as storage from "/assets/client/storage.js";
import { Tsunagu } from "/assets/client/tsunagu.js";
import { language } from "/assets/client/words.js";

export { storage };

export const client = new Tsunagu("app-session", { language, storage });
