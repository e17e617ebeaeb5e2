/* What the two halves of the circuit share. */
#ifndef ISOTP_CIRCUIT_PRIVATE_H
#define ISOTP_CIRCUIT_PRIVATE_H

#include "circuit.h"

/* Takes over what is agreed; data may flow. */
void circuit__open(struct circuit *circuit);

/* Puts the last TPDU of this end in line, a DC without data or a DR. */
bool circuit__send_dr(struct circuit *circuit, uint8_t reason, struct octets data);
void circuit__send_dc(struct circuit *circuit);

/* Breaks the circuit; says so to the peer if it can be addressed and was not told
 * before that we leave. */
void circuit__fail(struct circuit *circuit,
                   enum circuit_fault fault,
                   uint8_t reason,
                   struct circuit_event *event);

#endif
