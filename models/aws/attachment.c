#include "config.h"

#include "models/aws/attachment.h"

void
hs_aws_gateway_init(HsAwsGateway *gateway, const HsAwsGatewayClass *class,
                    uint32_t asn)
{
    gateway->class = class;
    gateway->asn = asn;
    gateway->attachments = g_ptr_array_new();
}

void
hs_aws_gateway_clear(HsAwsGateway *gateway)
{
    g_clear_pointer(&gateway->attachments, g_ptr_array_unref);
}

HsAttachment *
hs_aws_gateway_attach(HsAwsGateway *gateway, const HsAttachmentConfig *config)
{
    HsAttachment *attachment;

    g_assert(hs_aws_gateway_attachment(gateway, config->name) == NULL);
    attachment = gateway->class->attach(gateway, config);
    attachment->gateway = gateway;
    attachment->config = *config;
    g_ptr_array_add(gateway->attachments, attachment);
    return attachment;
}

HsAttachment *
hs_aws_gateway_attachment(HsAwsGateway *gateway, const char *name)
{
    for (guint i = 0; i < gateway->attachments->len; i++) {
        HsAttachment *attachment = gateway->attachments->pdata[i];

        if (g_str_equal(attachment->config.name, name))
            return attachment;
    }
    return NULL;
}

const HsAttachmentConfig *
hs_attachment_config(const HsAttachment *attachment)
{
    return &attachment->config;
}

HsAwsGateway *
hs_attachment_gateway(HsAttachment *attachment)
{
    return attachment->gateway;
}

unsigned
hs_attachment_add_port(HsAttachment *attachment, const HsPortConfig *port)
{
    return attachment->gateway->class->add_port(attachment, port);
}

HsControlPeer *
hs_attachment_add_session(HsAttachment *attachment,
                          const HsControlPeerConfig *session)
{
    return attachment->gateway->class->add_session(attachment, session);
}

void
hs_attachment_set_route(HsAttachment *attachment, const HsPrefix *prefix,
                        BgpAttrs *attrs, const unsigned *ports, unsigned n)
{
    g_assert(n > 0);
    attachment->gateway->class->set_route(attachment, prefix, attrs, ports, n);
}

void
hs_attachment_remove_route(HsAttachment *attachment, const HsPrefix *prefix)
{
    attachment->gateway->class->remove_route(attachment, prefix);
}

void
hs_attachment_port_up(HsAttachment *attachment, unsigned port, bool up)
{
    attachment->gateway->class->port_up(attachment, port, up);
}

void
hs_attachment_set_propagation(HsAttachment *attachment,
                              HsPropagateFunc propagate, void *user_data)
{
    const HsAwsGatewayClass *class = attachment->gateway->class;

    if (class->set_propagation != NULL)
        class->set_propagation(attachment, propagate, user_data);
}

void
hs_aws_gateway_start(HsAwsGateway *gateway)
{
    gateway->class->start(gateway);
}

void
hs_aws_gateway_crash(HsAwsGateway *gateway, bool forwarding_lost)
{
    gateway->class->crash(gateway, forwarding_lost);
}

void
hs_aws_gateway_boot(HsAwsGateway *gateway)
{
    gateway->class->boot(gateway);
}

uint32_t
hs_aws_gateway_asn(const HsAwsGateway *gateway)
{
    return gateway->asn;
}
