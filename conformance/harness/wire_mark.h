/* Marks: datagrams by which whoever captures the network learns where in the packets a
 * case is. Each is a line of JSON sent to a socket of the harness itself, so that none
 * draws an answer. One thread only: that of the cases. */
#ifndef WSPCHECK_WIRE_MARK_H
#define WSPCHECK_WIRE_MARK_H

#include <stdbool.h>

#include "registry.h"
#include "text.h"

/* Somebody captures: opens the two sockets, bound to this IPv4 address of the worker.
 * They stay open for the life of the process. `nonce` (or NULL) goes into each mark.
 * false: they cannot be made. */
bool wire_open(const char *address4, const char *nonce);
/* Whether somebody captures. */
bool wire_is_captured(void);

/* The marks that follow belong to this case. */
void wire_belongs_to(const char *entry, const struct case_row *row);

/* A mark is put together between these two: `wire_mark` gives the JSON text, to which
 * members may be added, and `wire_mark_sent` sends it and returns when it has arrived,
 * hence when it is in the capture, behind everything that has arrived before. false:
 * that was not possible. At most 1,000 bytes. */
struct text *wire_mark(const char *mark);
bool wire_mark_sent(void);

#endif
