#include "tpkt.h"

enum { TPKT_VERSION_3 = 3 };

enum tpkt_error tpkt_decode(struct octets packet, size_t *tpdu_length)
{
    struct octet_reader reader = {.left = packet};
    uint8_t version = read_octet(&reader);
    size_t length;

    read_octet(&reader); /* reserved */
    length = read_number(&reader, 2);
    if (version != TPKT_VERSION_3)
        return TPKT_VERSION;
    /* The length counts its own header: subtracting it unchecked is how several servers
     * came to read "-2 octets" (CVE-2020-15158, CVE-2008-1801). */
    if (reader.failed || length < TPKT_MIN)
        return TPKT_LENGTH;
    *tpdu_length = length - TPKT_HEADER;
    return TPKT_OK;
}

void tpkt_encode(struct octet_writer *writer, size_t tpdu_length)
{
    write_octet(writer, TPKT_VERSION_3);
    write_octet(writer, 0);
    write_number(writer, (uint32_t)(tpdu_length + TPKT_HEADER), 2);
}
