/* Where AWS writes it: the guide, and the page by its title. Defaults and
 * refusals name the same pages. */

#ifndef HS_SCENARIO_PAGES_H
#define HS_SCENARIO_PAGES_H

#define DX_GUIDE        "AWS Direct Connect guide, "
#define VPN_GUIDE       "AWS Site-to-Site VPN guide, "
#define TGW_BOOK        "AWS Transit Gateway guide, "
#define VPC_BOOK        "AWS VPC guide, "

#define DX_QUOTAS       DX_GUIDE "\"Quotas\""
#define DX_VIF          DX_GUIDE "\"Virtual interfaces\""
#define DX_JUMBO        DX_GUIDE "\"Jumbo frames\""
#define DX_BFD          DX_GUIDE "\"Enable BFD\""
#define DX_ROUTING      DX_GUIDE "\"Routing policies and BGP communities\""
#define DX_DEDICATED    DX_GUIDE "\"Dedicated connections\""
#define DX_HOSTED       DX_GUIDE "\"Hosted connections\""
#define DX_RESILIENCE   DX_GUIDE "\"Resiliency Toolkit\""
#define DX_LAG          DX_GUIDE "\"Link aggregation groups\""
#define DX_MACSEC       DX_GUIDE "\"MAC security\""
#define DX_GATEWAY      DX_GUIDE "\"Direct Connect gateways\""
#define DX_GATEWAY_VGW  DX_GUIDE "\"Virtual private gateway associations\""
#define DX_GATEWAY_TGW  DX_GUIDE "\"Transit gateway associations\""
#define DX_ALLOWED      DX_GUIDE "\"Allowed prefixes interactions\""

#define VPN_TUNNEL      VPN_GUIDE "\"Tunnel options\""
#define VPN_SAMPLE      VPN_GUIDE "sample configurations"
#define VPN_START       VPN_GUIDE "\"Tunnel initiation\": the customer begins"
#define VPN_HOW         VPN_GUIDE "\"How it works\""
#define VPN_QUOTAS      VPN_GUIDE "\"Quotas\""
#define VPN_CGW         VPN_GUIDE "\"Your customer gateway\""
#define VPN_OPTIONS     VPN_GUIDE "\"Customer gateway options\""
#define VPN_REPLACE     VPN_GUIDE "\"Tunnel endpoint replacements\""
#define VPN_ROUTES      VPN_GUIDE "\"Route priority\""
#define VPN_ACCELERATED VPN_GUIDE "\"Accelerated VPN connections\""
#define VPN_PRIVATE     VPN_GUIDE "\"Private IP VPN with Direct Connect\""
#define VPN_CLOUDHUB    VPN_GUIDE "\"VPN CloudHub\""

#define TGW_GUIDE       TGW_BOOK "\"Transit gateways\""
#define TGW_QUOTAS      TGW_BOOK "\"Quotas\""
#define TGW_TABLES      TGW_BOOK "\"Transit gateway route tables\""
#define TGW_PEERING     TGW_BOOK "\"Transit gateway peering attachments\""
#define TGW_ATTACH      TGW_BOOK "\"Transit gateway attachments to a VPC\""

#define VPC_CIDR        VPC_BOOK "\"VPC CIDR blocks\""
#define VPC_NAT         VPC_BOOK "\"NAT gateways\""
#define VPC_TABLES      VPC_BOOK "\"Route tables\""
#define VPC_QUOTAS      VPC_BOOK "\"Quotas\""
#define VPC_PEERING     "AWS VPC Peering guide, \"VPC peering limitations\""

#define CW_BOOK         "Amazon CloudWatch guide, "
#define CW_ALARMS       CW_BOOK "\"Using Amazon CloudWatch alarms\""
#define CW_STREAMS      CW_BOOK "\"Metric streams\""
#define DX_METRICS      DX_GUIDE "\"Monitoring with CloudWatch\""
#define VPN_METRICS     VPN_GUIDE "\"Monitoring with CloudWatch\""
#define VPN_LOGS        VPN_GUIDE "\"Site-to-Site VPN logs\""
#define NM_EVENTS       "AWS Network Manager guide, \"Monitoring with EventBridge\""

#define SUITE_B         "RFC 6379, Suite-B-GCM-256; AWS takes all"

#endif
