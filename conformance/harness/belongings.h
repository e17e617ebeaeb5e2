/* What belongs to the host, and whether the provider has left it alone. */
#ifndef WSPCHECK_BELONGINGS_H
#define WSPCHECK_BELONGINGS_H

#include <stdbool.h>

#include "text.h"
#include "win.h"

/* A handle that nobody but its owner may close: "the event of the watchdog". */
void belongings_add_handle(HANDLE handle, const char *what);

/* Before the provider is loaded: puts out what it must not touch. */
void belongings_watch(void);
/* When it has started: settings of the process are what they are now. */
void belongings_note_settings(void);

/* After a case. What was damaged is its finding; false: nothing that this process does
 * from now on means anything. A changed setting is noted in the trace and set back. */
bool belongings_check(void);

/* What is damaged, for a report that is about something else; "" if nothing is. Needs
 * neither heap nor locks. */
void belongings_describe(struct text *out);

#endif
