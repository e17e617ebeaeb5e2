/* `wspcheck drive`: SPI calls and deeds of peers one by one, as somebody else asks for
 * them. Commands are lines on stdin, each is answered by one line of JSON on stdout.
 *
 * Sockets and peers are named by numbers, counted from 1 in the order in which they
 * come up, and forgotten by `begin`. Sizes are decimal, data are hexadecimal; `-` is
 * data of no length, `null` a null pointer. */
#ifndef WSPCHECK_DRIVE_H
#define WSPCHECK_DRIVE_H

#include "entry.h"

/* Obeys until stdin ends. A command that takes longer than `limit_ms`, or in which the
 * provider crashes, ends the process as it does a case. */
void drive_run(struct entry *entries,
               size_t count,
               const char *nonce,
               unsigned limit_ms);

#endif
