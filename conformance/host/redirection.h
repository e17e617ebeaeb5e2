/* Redirects exports of ws2_32 that only work for a real ws2_32: in the import tables of
 * the provider and of what it loads. */
#ifndef WSPCHECK_REDIRECTION_H
#define WSPCHECK_REDIRECTION_H

/* Notes the modules that are the suite's own; they are left alone. */
void redirection_note_modules(void);

/* Redirects WPUCompleteOverlappedRequest in all modules that were loaded since and do
 * not come with the system; again after each step that may load more. */
void redirection_apply(void);

#endif
