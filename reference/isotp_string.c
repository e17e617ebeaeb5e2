/* Addresses as strings, by RFC 1278. */
#include "isotp.h"
#include "memory.h"

int isotp_to_string(const struct sockaddr *name,
                    DWORD length,
                    WCHAR *text,
                    DWORD *text_length)
{
    static const WSAPROTOCOL_INFOW entry = {.iAddressFamily = AF_ISO};
    const struct endpoint any = {.entry = &entry};
    uint8_t octets[TP_ADDRESS_TEXT_MAX];
    struct octet_writer writer = {.at = octets, .size = sizeof octets};
    struct tp_address address;
    DWORD needed;

    if (isotp_check_name(&any, name, (int)length, WSAEINVAL))
        return WSAEINVAL;
    isotp_get_address(name, &address);
    if (tp_address_format(&writer, &address) != TP_ADDRESS_OK)
        return WSAEINVAL;
    needed = (DWORD)writer.length + 1;
    if (*text_length < needed || !memory_writable(text, needed * sizeof *text)) {
        *text_length = needed;
        return WSAEFAULT;
    }
    for (size_t i = 0; i < writer.length; i++)
        text[i] = octets[i];
    text[writer.length] = L'\0';
    *text_length = needed;
    return 0;
}

int isotp_from_string(const WCHAR *text, struct sockaddr *name, int *length)
{
    uint8_t octets[2 * TP_ADDRESS_TEXT_MAX];
    struct tp_address address;
    size_t used = 0;

    for (; text[used]; used++) {
        if (used == sizeof octets || text[used] > 0x7F)
            return WSAEINVAL;
        octets[used] = (uint8_t)text[used];
    }
    if (tp_address_parse(octets_of(octets, used), &address) != TP_ADDRESS_OK)
        return WSAEINVAL;
    if (*length < (int)sizeof(SOCKADDR_TP) ||
        !memory_writable(name, sizeof(SOCKADDR_TP))) {
        *length = sizeof(SOCKADDR_TP);
        return WSAEFAULT;
    }
    return isotp_put_address(&address, name, length);
}
