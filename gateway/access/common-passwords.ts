/**
 * What public collections of leaked passwords have at their top, without the digits and signs around it: written by hand,
 * in several languages. The rules of `password-rules.ts` find their variants, so each stands here once, in lower case,
 * without signs and with its letters unchanged (`p4ssw0rd` is `password`).
 */
const ROOTS = `
password passwort passwd passw pass pwd motdepasse contrasena contrasenya senha parola haslo heslo lozinka jelszo salasana
wachtwoord losenord kennwort geheim geheimnis secret secreto segreto sekret keyword letmein lemmein openup opensesame sesame
sesam welcome welkom willkommen wilkommen bienvenue bienvenido benvenuto witaj hello hallo hola bonjour ciao salut servus
login logon signin anmelden access accesso zugang einloggen admin administrator administrador adminadmin root toor superuser
sysadmin system manager operator owner master user username benutzer guest gast test tester testing testtest demo sample example
default standard changeme change changeit setup install temp temporary newpass newpassword mypass mypassword yourpassword
nopassword password passphrase trustno trustnoone whatever nothing blank none null undefined qwerty qwertz azerty asdf zxcv
dragon monkey shadow sunshine princess princesa football fussball futbol baseball basketball hockey soccer batman superman
spiderman ironman pokemon starwars matrix naruto minecraft fortnite roblox warcraft counterstrike mustang corvette ferrari
porsche mercedes harley yamaha honda suzuki toyota nissan audi bmw iloveyou loveyou ilovegod iloveu teamo tequiero jetaime
ichliebedich lovely loveme lover love liebe amor amour cuore schatz schatzi hase hasi mausi maus engel angel angels angelo
angelica babygirl baby babyboy honey sweety sweetie sugar cookie chocolate cheese banana orange apple cherry peaches pepper
ginger butter coffee pizza chicken summer winter spring autumn sommer herbst fruehling frueh ete hiver verano invierno january
february march april may june july august september october november december januar februar maerz mai juni juli oktober
dezember monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag
michael michelle jennifer jessica jordan daniel andrew thomas robert joshua matthew anthony charlie george william david
james john johnny richard steven stephen kevin brian jason justin brandon nicholas nicole ashley amanda melissa samantha
stephanie elizabeth victoria alexander alexandra andrea andreas angela anna barbara christian christine claudia daniela diana
dominik eric florian frank franziska hannah heather helena jakob jan jasmin jonas julia julian karin katharina kathrin klaus
laura lauren lea lena leonie lisa lukas manuel maria marie marina mario mark markus martin martina matthias max maximilian
melanie monika natalie natasha nadine niklas oliver patrick paul peter philipp rachel rebecca ronaldo messi sabine sabrina sandra
sarah sebastian simon sophie stefan stefanie susanne sven tanja taylor tigger tobias tommy ursula vanessa wolfgang yvonne
killer hunter ranger buster soccer tiger tigers eagle eagles falcon lions panther panda bear wolf cowboy cowboys steelers
lakers yankees redsox arsenal chelsea liverpool manchester barcelona realmadrid juventus bayern dortmund schalke werder hamburg
berlin muenchen koeln frankfurt stuttgart leipzig wien zuerich london paris madrid roma milano newyork chicago dallas boston
phoenix austin america england france germany deutschland espana italia brasil canada mexico argentina austria schweiz europe
computer internet windows microsoft google facebook instagram twitter youtube amazon apple iphone samsung nokia android linux
ubuntu debian oracle cisco server network router gateway firewall database security sicherheit office company firma business
server backup support service helpdesk sales info contact webmaster postmaster hostmaster postgres mysql redis docker kubernetes
ninja jedi wizard magic merlin gandalf frodo hobbit phantom legend hero angelus devil satan lucifer jesus christ jesuschrist
god blessed faith heaven gospel freedom liberty peace friend friends freunde family familie mother father mama papa mutter vater
sister brother schwester bruder money dollar million rich diamond gold golden silver platinum crystal flower flowers rose
blume rainbow butterfly schmetterling dolphin delphin horse pferd kitty katze kitten puppy doggy hund lucky luck winner champion
player gamer hacker hacking access secret agent bond secure safe private public fuckyou fuckoff fuck asshole bitch sexy shit
cunt pussy dick hardcore metallica nirvana slipknot eminem beatles madonna rammstein guitar music musik piano drummer disco dance
fax faxes faxing telefax sealfax sealed phone telephone mobile number seal certificate
abc xyz abcdef qaz wsx qazwsx qweasd asdasd qweqwe zaq aaa
`;

/** The roots, each of at least three letters. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(ROOTS.trim().split(/\s+/));
