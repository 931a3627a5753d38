// The page behind `npm run preview:fake`: every screen in an ordinary browser, without the shell.
import { fakeDesk } from "./platform/fake/desk";
import { start } from "./start";

start(fakeDesk());
