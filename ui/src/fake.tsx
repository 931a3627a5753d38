// The page behind `npm run preview:fake`: every screen in an ordinary browser, without the shell. With
// `?first` it is the first start on a computer: no network, no desk.
import { fakeDesk } from "./platform/fake/desk";
import { fakeWorld, firstWorld } from "./platform/fake/world";
import { start } from "./start";

const isFirst = new URLSearchParams(window.location.search).has("first");
start(fakeDesk(isFirst ? firstWorld() : fakeWorld()));
