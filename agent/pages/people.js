// Which tab this is only its script knows: the page's first answer cannot say who works here, the next one does.
"use strict";

if ($("#people .unasked")) refresh();
