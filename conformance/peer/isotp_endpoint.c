#include "isotp_endpoint.h"

#include <stdio.h>
#include <string.h>

/* AFI (telex, decimal), the telex number of University College London, and the prefix
 * that stands for RFC 1006 on the Internet. */
static const char prefix[] = "540072872203";

enum {
    PREFIX_DIGITS = sizeof prefix - 1,
    ADDRESS_DIGITS = PREFIX_DIGITS + 12,
    PORT_DIGITS = ADDRESS_DIGITS + 5,
    SET_DIGITS = PORT_DIGITS + 5,
    TCP_SET = 1
};

size_t isotp_nsap_write(const struct isotp_endpoint *endpoint,
                        unsigned char nsap[ISOTP_NSAP_MAX])
{
    const unsigned char *address = endpoint->address;
    char digits[2 * ISOTP_NSAP_MAX + 1];
    size_t size = PORT_DIGITS / 2 + 1;

    snprintf(digits,
             sizeof digits,
             "%s%03u%03u%03u%03u%05u",
             prefix,
             address[0],
             address[1],
             address[2],
             address[3],
             endpoint->port);
    /* An odd number of digits is filled up with the nibble F. */
    digits[PORT_DIGITS] = '0' + 0xF;
    for (size_t i = 0; i < size; i++)
        nsap[i] =
            (unsigned char)((digits[2 * i] - '0') << 4 | (digits[2 * i + 1] - '0'));
    return size;
}

/* Gives the number of digits; 0: not digits only. */
static size_t unpack(const unsigned char *nsap, size_t size, char *digits)
{
    size_t count = 0;

    for (size_t i = 0; i < 2 * size; i++) {
        unsigned nibble = i % 2 ? nsap[i / 2] & 0x0Fu : nsap[i / 2] >> 4;

        if (nibble <= 9)
            digits[count++] = (char)('0' + nibble);
        else if (nibble != 0xF || i != 2 * size - 1)
            return 0;
    }
    return count;
}

static unsigned long number(const char *digits, size_t count)
{
    unsigned long value = 0;

    while (count-- > 0)
        value = value * 10 + (unsigned long)(*digits++ - '0');
    return value;
}

enum isotp_result isotp_nsap_read(const unsigned char *nsap,
                                  size_t size,
                                  struct isotp_endpoint *endpoint,
                                  struct isotp_why *why)
{
    char digits[2 * ISOTP_NSAP_MAX];
    size_t count = size <= ISOTP_NSAP_MAX ? unpack(nsap, size, digits) : 0;
    unsigned long port = ISOTP_PORT;

    if (count != ADDRESS_DIGITS && count != PORT_DIGITS && count != SET_DIGITS)
        return isotp_because(ISOTP_DIFFERENT,
                             why,
                             "the NSAP: expected %d, %d or %d decimal digits, observed "
                             "%u octets",
                             ADDRESS_DIGITS,
                             PORT_DIGITS,
                             SET_DIGITS,
                             (unsigned)size);
    if (memcmp(digits, prefix, PREFIX_DIGITS) != 0)
        return isotp_because(ISOTP_DIFFERENT,
                             why,
                             "the NSAP: expected it to begin with the digits %s",
                             prefix);
    for (int i = 0; i < 4; i++) {
        unsigned long octet = number(digits + PREFIX_DIGITS + 3 * i, 3);

        if (octet > 255)
            return isotp_because(ISOTP_DIFFERENT,
                                 why,
                                 "the NSAP: expected an IPv4 address, observed %lu in "
                                 "it",
                                 octet);
        endpoint->address[i] = (unsigned char)octet;
    }
    if (count >= PORT_DIGITS)
        port = number(digits + ADDRESS_DIGITS, 5);
    if (port > 65535)
        return isotp_because(
            ISOTP_DIFFERENT, why, "the NSAP: expected a port, observed %lu", port);
    if (count == SET_DIGITS && !(number(digits + PORT_DIGITS, 5) & TCP_SET))
        return isotp_because(
            ISOTP_DIFFERENT, why, "the NSAP: expected a transport set with TCP");
    endpoint->port = (uint16_t)port;
    return ISOTP_OK;
}
