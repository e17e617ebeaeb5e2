/* The calling convention of the SPI: functions that call the provider's, and look
 * whether these keep to it. */
#ifndef WSPCHECK_CONVENTION_H
#define WSPCHECK_CONVENTION_H

#include "win.h"

/* As a provider's table. Each function calls the one of convention_target with the same
 * arguments. If that one does not preserve the registers that it has to, or (i386) does
 * not remove its arguments, the harm is undone and convention_broken told. */
extern const WSPPROC_TABLE convention_table __asm__("convention_table");
extern const WSPPROC_TABLE *convention_target;

/* The same for functions of the provider that are in no table: each gives what is to be
 * called in the place of `function`. */
LPWSPSTARTUP convention_startup(LPWSPSTARTUP function);
LPFN_WSARECVMSG convention_recv_msg(LPFN_WSARECVMSG function);

/* `broken` is a list of registers; to be provided by the harness. */
void convention_broken(const char *function, const char *broken);

#endif
