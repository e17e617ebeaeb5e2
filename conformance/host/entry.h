/* An entry of the provider under test: one protocol that it offers. */
#ifndef WSPCHECK_ENTRY_H
#define WSPCHECK_ENTRY_H

#include <stdbool.h>

#include "text.h"
#include "win.h"

struct wspcheck_fault;

struct entry {
    char id[64];
    WSAPROTOCOL_INFOW info;
    WSPDATA data;                       /* what WSPStartup(2.2) told */
    WSPPROC_TABLE table;                /* what it gave */
    bool started;                       /* WSPStartup succeeded; WSPCleanup is owed */
    const struct wspcheck_fault *fault; /* the fault extension */
    bool fault_asked;                   /* whether it was looked for */
};

/* Reads "id=tcp4,af=2,type=1,protocol=6,flags=0x20066,...,name=wspref TCP/IPv4"; false
 * with a sentence in `why`. */
bool entry_parse(struct entry *entry, const char *spec, struct text *why);

/* Reads "{01234567-89ab-...}"; false: it is none. */
bool entry_parse_guid(const char *text, GUID *guid);

#endif
