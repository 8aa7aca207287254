//! How an organization shows itself on candidates' pages: its name, logo, colour, and the links to
//! its contact, privacy notice and imprint.

use super::layout::CandidateLayout;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::organization_profile::OrganizationProfile;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::OrganizationId;

/// The least contrast of text and of controls against what is behind them (WCAG 2.2, 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;
/// What is behind them at worst: `--ground` of the light and `--paper` of the dark style.
const LIGHT_GROUND: Rgb = Rgb([0xf3, 0xf5, 0xf7]);
const DARK_PAPER: Rgb = Rgb([0x1a, 0x22, 0x2a]);
/// Hundredths of the colour in a wash, behind what is chosen.
const WASH: u16 = 8;

/// What stands around a page of whoever asks the candidate.
pub struct Brand {
    pub name: String,
    /// Address of the logo.
    pub logo: Option<String>,
    /// Declarations of a style sheet; empty without a colour.
    pub style: String,
    /// Where contact, privacy notice and imprint are; none of them, no address.
    pub about: Option<String>,
    pub has_contact: bool,
    pub has_privacy_notice: bool,
    pub has_imprint: bool,
}

impl Brand {
    /// What a page shows of an organization.
    pub fn of(profile: &OrganizationProfile) -> Self {
        let has = |text: &str| !text.trim().is_empty();
        let (contact, privacy, imprint) =
            (has(&profile.contact), has(&profile.privacy_notice), has(&profile.imprint));
        let logo = profile.logo.as_ref();
        Self {
            name: profile.name.clone(),
            logo: logo.map(|digest| address::logo(&profile.organization, digest)),
            style: profile.colour.as_deref().and_then(Rgb::parse).map(style).unwrap_or_default(),
            about: (contact || privacy || imprint).then(|| address::about(&profile.organization)),
            has_contact: contact,
            has_privacy_notice: privacy,
            has_imprint: imprint,
        }
    }
}

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rgb([u8; 3]);

impl Rgb {
    fn parse(text: &str) -> Option<Self> {
        let bytes = hex::decode(text.strip_prefix('#')?).ok()?;
        <[u8; 3]>::try_from(bytes).ok().map(Self)
    }

    fn css(self) -> String {
        format!("#{}", hex::encode(self.0))
    }

    /// The relative luminance of WCAG 2.2.
    fn luminance(self) -> f64 {
        let linear = self.0.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        let [red, green, blue] = linear;
        0.0722f64.mul_add(blue, 0.2126f64.mul_add(red, 0.7152 * green))
    }

    /// The contrast ratio of WCAG 2.2, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// So many hundredths of another colour.
    fn mixed(self, other: Self, hundredths: u16) -> Self {
        let mix = |(own, its): (u8, u8)| {
            let sum = u16::from(own) * (100 - hundredths) + u16::from(its) * hundredths;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        let [red, green, blue] = self.0;
        let [its_red, its_green, its_blue] = other.0;
        Self([mix((red, its_red)), mix((green, its_green)), mix((blue, its_blue))])
    }

    /// The nearest shade towards `far` that can be read on `paper`, and on a wash of itself there.
    fn readable_on(self, paper: Self, far: Self) -> Self {
        let mut shades = (0..=100).map(|hundredths| self.mixed(far, hundredths));
        let is_readable = |shade: &Self| {
            [paper, paper.mixed(*shade, WASH)]
                .iter()
                .all(|it| shade.contrast(*it) >= LEAST_CONTRAST)
        };
        shades.find(is_readable).unwrap_or(far)
    }
}

/// The organization's colour in place of our own, as near to it as can be read in light and dark.
fn style(colour: Rgb) -> String {
    let (white, black) = (Rgb([255; 3]), Rgb([0; 3]));
    let one = |accent: Rgb, paper: Rgb| {
        let ink = if accent.contrast(white) >= accent.contrast(black) { white } else { black };
        let wash = paper.mixed(accent, WASH);
        let (accent, ink, wash) = (accent.css(), ink.css(), wash.css());
        format!(":root{{--accent:{accent};--accent-ink:{ink};--accent-wash:{wash}}}")
    };
    let light = one(colour.readable_on(LIGHT_GROUND, black), LIGHT_GROUND);
    let dark = one(colour.readable_on(DARK_PAPER, white), DARK_PAPER);
    format!("{light}@media (prefers-color-scheme:dark){{{dark}}}")
}

/// `GET /o/{organization}/logo`. The address names the digest, so it never changes.
pub async fn logo(
    State(state): State<PagesState>,
    Path(organization): Path<String>,
) -> Result<Response, PageError> {
    let logo = state.app.organizations().logo(&OrganizationId::from(organization)).await?;
    let mut response = Body::from(logo.bytes).into_response();
    let headers = response.headers_mut();
    if let Ok(media_type) = HeaderValue::try_from(logo.media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "candidate/about.html")]
struct AboutPage {
    frame: CandidateLayout,
    contact: String,
    privacy_notice: String,
    imprint: String,
}

/// `GET /o/{organization}/about`: contact, privacy notice and imprint.
pub async fn about(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(organization): Path<String>,
) -> Result<Response, PageError> {
    let organization = OrganizationId::from(organization);
    let profile = state.app.organizations().organization_profile(&organization).await?;
    let bytes = profile.contact.len() + profile.privacy_notice.len() + profile.imprint.len();
    let texts = [&profile.contact, &profile.privacy_notice, &profile.imprint];
    let [contact, privacy_notice, imprint] =
        state.rendering.render(bytes, |renderer| texts.map(|text| renderer.blocks(text))).await;
    let frame = CandidateLayout {
        brand: Some(Brand::of(&profile)),
        ..CandidateLayout::new(guest.texts(), address::about(&organization))
    };
    reply::page(StatusCode::OK, &AboutPage { frame, contact, privacy_notice, imprint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_colour_can_be_read_in_light_and_dark(red: u8, green: u8, blue: u8) {
            let colour = Rgb([red, green, blue]);
            let light = colour.readable_on(LIGHT_GROUND, Rgb([0; 3]));
            let dark = colour.readable_on(DARK_PAPER, Rgb([255; 3]));
            for (shade, paper) in [(light, LIGHT_GROUND), (dark, DARK_PAPER)] {
                prop_assert!(shade.contrast(paper) >= LEAST_CONTRAST);
                prop_assert!(shade.contrast(paper.mixed(shade, WASH)) >= LEAST_CONTRAST);
            }
            prop_assert!(Rgb::parse(&colour.css()) == Some(colour));
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        let colour = Rgb([23, 87, 127]);
        assert_eq!(colour.readable_on(LIGHT_GROUND, Rgb([0; 3])), colour);
        assert!(style(colour).starts_with(":root{--accent:#17577f;--accent-ink:#ffffff;"));
    }
}
