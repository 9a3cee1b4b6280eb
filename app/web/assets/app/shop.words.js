/** What Find and Order say, beside the words of the whole app. */

import { sayer } from "/assets/client/words.js";
import { words as en } from "/assets/app/shop.words.en.js";
import { words as ja } from "/assets/app/shop.words.ja.js";
import { words as appEn } from "/assets/app/words.en.js";
import { words as appJa } from "/assets/app/words.ja.js";

export const say = sayer({ ja: { ...appJa, ...ja }, en: { ...appEn, ...en } });
